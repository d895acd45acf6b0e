import { type QueryEditorProps } from '@grafana/data';
import { EditorField, EditorRow, EditorRows } from '@grafana/plugin-ui';
import { Alert, Input, RadioButtonGroup } from '@grafana/ui';
import { useEffect, useId, useMemo, useState } from 'react';
import { CatalogProblem } from './CatalogProblem';
import { type AccordDataSource } from './datasource';
import { ExecutedQueries } from './ExecutedQueries';
import { Choice, Filters, Several } from './Filters';
import { isKnown, isLinked, migrate } from './migrate';
import {
  defaultBurnWindows,
  type FilterField,
  type Options,
  type Query,
  type QueryType,
  alwaysAdjusted,
  isAlerting,
  queryTypes,
  withoutWindow,
  written,
} from './types';
import { WindowPicker } from './WindowPicker';

type Props = QueryEditorProps<AccordDataSource, Query, Options>;

/** The query editor: the query type, the objectives and the window. */
export function QueryEditor({ query: saved, onChange, onRunQuery, datasource, app, data }: Props) {
  const query = useMemo(() => migrate(saved), [saved]);
  const linked = isLinked(saved);
  useEffect(() => {
    if (linked) {
      onChange(query);
    }
    // Only once: from then on it is a normal query.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [linked]);
  const change = (part: Partial<Query>) => {
    onChange({ ...query, ...part });
    onRunQuery();
  };
  const alerting = isAlerting(app);
  return (
    <EditorRows>
      <CatalogProblem datasource={datasource} />
      {!isKnown(query) && (
        <Alert severity="info" title="This query was saved by a newer version of the plugin, and is sent as it is" />
      )}
      <EditorRow>
        <TypePicker query={query} alerting={alerting} onChange={change} />
      </EditorRow>
      {alerting && query.queryType === 'alert' && (
        <Alert severity="info" title="Set the alert condition to «is above 1»: that of a new rule is above 0" />
      )}
      <Filters datasource={datasource} rows={filterRows(query.queryType)} filters={query} onChange={change} />
      <HowRow query={query} onChange={change} />
      <ExecutedQueries refId={query.refId} data={data} />
    </EditorRows>
  );
}

// The options of a Combobox must stay the same objects: it takes others for a choice,
// and calls onChange again and again.
const typeOptions = Object.entries(queryTypes).map(([value, { label, description }]) => ({
  value: value as QueryType,
  label,
  description,
}));

const burnWindowOptions = defaultBurnWindows.map((value) => ({ value, label: value }));

interface PartProps {
  query: Query;
  onChange: (part: Partial<Query>) => void;
}

function TypePicker({ query, alerting, onChange }: PartProps & { alerting: boolean }) {
  const id = useId();
  const options = useMemo(
    () => typeOptions.filter(({ value }) => !alerting || queryTypes[value].alerting || value === query.queryType),
    [alerting, query.queryType],
  );
  return (
    <EditorField label="Query type" htmlFor={id}>
      <Choice id={id} options={options} value={query.queryType} onChange={(queryType) => onChange({ queryType })} />
    </EditorField>
  );
}

function filterRows(queryType: QueryType): FilterField[][] {
  const what: FilterField[] = written.includes(queryType) ? ['agreements'] : ['agreements', 'objectives'];
  return [what, ['services', 'providers', 'consumers', 'labels']];
}

/** The fields of the query type that define how to measure. */
function HowRow({ query, onChange }: PartProps) {
  const { queryType } = query;
  if (written.includes(queryType) || queryType === 'incidents') {
    return null;
  }
  return (
    <EditorRow>
      {!withoutWindow.includes(queryType) && (
        <WindowPicker queryType={queryType} window={query.window} onChange={(window) => onChange({ window })} />
      )}
      {queryType === 'alert' ? <Severity query={query} onChange={onChange} /> : null}
      {(queryType === 'status' || queryType === 'burnRate') && <BurnWindows query={query} onChange={onChange} />}
      {queryType === 'history' && <Periods query={query} onChange={onChange} />}
      {!alwaysAdjusted.includes(queryType) && <Scope query={query} onChange={onChange} />}
    </EditorRow>
  );
}

function Scope({ query, onChange }: PartProps) {
  const options = [
    { label: 'Adjusted', value: 'adjusted', description: 'Support hours and exclusions count as agreed' },
    { label: 'Raw', value: 'raw', description: 'Everything counts' },
  ];
  return (
    <EditorField
      label="Scope"
      tooltip="Adjusted: as agreed, with support hours and exclusions. Raw: everything counts."
    >
      <RadioButtonGroup
        aria-label="Scope"
        options={options}
        value={query.scope || 'adjusted'}
        onChange={(scope) => onChange({ scope: scope === 'adjusted' ? undefined : scope })}
      />
    </EditorField>
  );
}

function Severity({ query, onChange }: PartProps) {
  const options = ['both', 'page', 'ticket', 'notice'].map((value) => ({
    value,
    label: value[0].toUpperCase() + value.slice(1),
  }));
  return (
    <EditorField
      label="Severity"
      tooltip="Page and ticket are burn-rate alerts: wake somebody up, or look at it in working hours. Both is the two of them. Notice is what to know before: half, three quarters or all of the budget spent, a breach to be expected, a review due in 14 days, nothing measured for 15 minutes."
    >
      <RadioButtonGroup
        aria-label="Severity"
        options={options}
        value={query.severity || 'both'}
        onChange={(severity) => onChange({ severity: severity === 'both' ? undefined : severity })}
      />
    </EditorField>
  );
}

function BurnWindows({ query, onChange }: PartProps) {
  return (
    <Several
      label="Burn windows"
      tooltip={`The windows over which the burn rate is measured. None: ${defaultBurnWindows.join(', ')}.`}
      options={burnWindowOptions}
      values={query.burnWindows}
      onChange={(burnWindows) => onChange({ burnWindows })}
      placeholder="Default"
    />
  );
}

function Periods({ query, onChange }: PartProps) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const commit = () => {
    const periods = Number.parseInt(typed ?? '', 10) || undefined;
    if (typed !== undefined && periods !== query.periods) {
      onChange({ periods });
    }
    setTyped(undefined);
  };
  return (
    <EditorField label="Periods" htmlFor={id} tooltip="How many, back from the end of the time range.">
      <Input
        id={id}
        type="number"
        min={1}
        max={400}
        width={12}
        placeholder="12"
        value={typed ?? query.periods ?? ''}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
    </EditorField>
  );
}
