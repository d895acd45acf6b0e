import { type DataSourcePluginOptionsEditorProps } from '@grafana/data';
import {
  Auth,
  AuthMethod,
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
      <Auth
        {...convertLegacyAuthProps({ config: options, onChange: onOptionsChange })}
        // No authentication per user: counts are shared by all, and alert rules have no user.
        visibleMethods={[AuthMethod.BasicAuth, AuthMethod.NoAuth]}
      />
      <Divider />
      <ConfigSection title="Advanced settings" isCollapsible isInitiallyOpen={false}>
        <ConfigSubSection title="Counting">
          <Setting {...props} name="timeout" label="Timeout" placeholder="30" width={20} bounds={[1, 600]}>
            Seconds for one request to Prometheus.
          </Setting>
          <Setting {...props} name="resolution" label="Resolution" placeholder="5m" width={20}>
            Length of the slots in which events are counted, whole minutes that divide a day, such as 1m, 5m or 15m.
            Shorter is finer, and needs more memory and more of Prometheus.
          </Setting>
          <Setting
            {...props}
            name="parallelQueries"
            label="Parallel queries"
            placeholder="4"
            width={20}
            bounds={[1, 64]}
          >
            Requests to Prometheus at once.
          </Setting>
          <Setting {...props} name="cacheSize" label="Cache size" placeholder="256" width={20} bounds={[16, 65536]}>
            MiB of memory for counts. What was used least recently goes first, and is asked for again.
          </Setting>
        </ConfigSubSection>
      </ConfigSection>
    </>
  );
}

interface SettingProps extends Props {
  name: 'definitions' | 'connection' | 'resolution' | 'timeout' | 'parallelQueries' | 'cacheSize';
  label: string;
  placeholder: string;
  width: number;
  /** The bounds of a whole number; absent for a text. Save & test reports other problems. */
  bounds?: [least: number, most: number];
  children: ReactNode;
}

function Setting({ options, onOptionsChange, name, label, placeholder, width, bounds, children }: SettingProps) {
  const value = options.jsonData[name];
  const wrong =
    bounds && value !== undefined && !(Number.isInteger(+value) && +value >= bounds[0] && +value <= bounds[1]);
  return (
    <Field
      noMargin={false}
      label={label}
      description={children}
      invalid={wrong}
      error={wrong && `A whole number from ${bounds[0]} to ${bounds[1]}.`}
      disabled={options.readOnly}
    >
      <Input
        id={`accord-${name}`}
        type={bounds ? 'number' : 'text'}
        min={bounds?.[0]}
        max={bounds?.[1]}
        value={value ?? ''}
        placeholder={placeholder}
        width={width}
        onChange={({ currentTarget: { value: text } }) =>
          onOptionsChange({
            ...options,
            jsonData: { ...options.jsonData, [name]: text === '' ? undefined : bounds ? Number(text) : text },
          })
        }
      />
    </Field>
  );
}
