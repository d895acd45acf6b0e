import { type DataSourcePluginOptionsEditorProps } from '@grafana/data';
import {
  AdvancedHttpSettings,
  Auth,
  ConfigSection,
  ConfigSubSection,
  ConnectionSettings,
  convertLegacyAuthProps,
  DataSourceDescription,
} from '@grafana/plugin-ui';
import { Divider, Field, Input } from '@grafana/ui';
import { type ReactNode } from 'react';
import { type Options } from './types';

type Props = DataSourcePluginOptionsEditorProps<Options>;

/** The settings of a data source: a Prometheus and a folder of documents. */
export function ConfigEditor(props: Props) {
  const { options, onOptionsChange } = props;
  return (
    <>
      <DataSourceDescription
        dataSourceName="Accord"
        docsLink="https://github.com/accord-sla/accord/blob/main/docs/grafana.md"
        hasRequiredFields
      />
      <Divider />
      <ConnectionSettings
        config={options}
        onChange={onOptionsChange}
        urlLabel="Prometheus server URL"
        urlPlaceholder="http://prometheus:9090"
        urlTooltip="Prometheus, Mimir, Thanos, Cortex or VictoriaMetrics: the URL that a Prometheus data source has."
      />
      <Divider />
      <ConfigSection title="Agreements" description="The documents in which teams wrote down what they promise.">
        <Setting
          {...props}
          name="definitions"
          label="Definitions folder"
          placeholder="all of the operator's folder"
          width={60}
        >
          A folder on the server of Grafana, absolute or relative to the folder that its operator set aside with
          definitions_root. Empty: all of that folder.
        </Setting>
        <Setting
          {...props}
          name="connection"
          label="OpenSLO data source"
          placeholder="all of type Prometheus"
          width={40}
        >
          Only where documents name several Prometheus servers: the DataSource document that stands for this one.
        </Setting>
      </ConfigSection>
      <Divider />
      <Auth {...convertLegacyAuthProps({ config: options, onChange: onOptionsChange })} />
      <Divider />
      <ConfigSection title="Advanced settings" isCollapsible isInitiallyOpen={false}>
        <AdvancedHttpSettings config={options} onChange={onOptionsChange} />
        <ConfigSubSection title="Counting">
          <Setting
            {...props}
            name="resolution"
            label="Resolution"
            placeholder="5m"
            width={20}
            check={resolutionProblem}
          >
            Length of the slots in which events are counted. Shorter is finer, and needs more memory and more of
            Prometheus.
          </Setting>
          <NumberSetting {...props} name="parallelQueries" label="Parallel queries" placeholder="4" min={1} max={64}>
            Requests to Prometheus at once.
          </NumberSetting>
          <NumberSetting {...props} name="cacheSize" label="Cache size" placeholder="256" min={16} max={65536}>
            MiB of memory for counts. What was used least recently goes first, and is asked for again.
          </NumberSetting>
        </ConfigSubSection>
      </ConfigSection>
    </>
  );
}

interface SettingProps<Name extends keyof Options> extends Props {
  name: Name;
  label: string;
  placeholder: string;
  children: ReactNode;
}

function Setting({
  options,
  onOptionsChange,
  name,
  label,
  placeholder,
  width,
  check,
  children,
}: SettingProps<'definitions' | 'connection' | 'resolution'> & {
  width: number;
  check?: (value: string) => string | undefined;
}) {
  const value = options.jsonData[name] ?? '';
  const problem = check?.(value);
  return (
    <Field
      noMargin={false}
      label={label}
      description={children}
      invalid={Boolean(problem)}
      error={problem}
      disabled={options.readOnly}
    >
      <Input
        id={`accord-${name}`}
        value={value}
        placeholder={placeholder}
        width={width}
        onChange={(event) =>
          onOptionsChange({
            ...options,
            jsonData: { ...options.jsonData, [name]: event.currentTarget.value || undefined },
          })
        }
      />
    </Field>
  );
}

function NumberSetting({
  options,
  onOptionsChange,
  name,
  label,
  placeholder,
  min,
  max,
  children,
}: SettingProps<'parallelQueries' | 'cacheSize'> & { min: number; max: number }) {
  const value = options.jsonData[name];
  const wrong = value !== undefined && !(Number.isInteger(value) && value >= min && value <= max);
  return (
    <Field
      noMargin={false}
      label={label}
      description={children}
      invalid={wrong}
      error={wrong ? `A whole number from ${min} to ${max}.` : undefined}
      disabled={options.readOnly}
    >
      <Input
        id={`accord-${name}`}
        type="number"
        min={min}
        max={max}
        value={value ?? ''}
        placeholder={placeholder}
        width={20}
        onChange={(event) => {
          const text = event.currentTarget.value;
          onOptionsChange({
            ...options,
            jsonData: { ...options.jsonData, [name]: text === '' ? undefined : Number(text) },
          });
        }}
      />
    </Field>
  );
}

const minutesOf: Record<string, number> = { m: 1, h: 60, d: 24 * 60 };

/** Why the text is no resolution; nothing when it is one, or empty. */
export function resolutionProblem(text: string): string | undefined {
  if (text === '') {
    return undefined;
  }
  const found = /^(\d+)([mhd])$/.exec(text);
  const minutes = found ? Number(found[1]) * minutesOf[found[2]] : 0;
  return minutes > 0 && (24 * 60) % minutes === 0
    ? undefined
    : `${text}: must be whole minutes that divide a day, such as 1m, 5m or 15m.`;
}
