import { type DataSourceApi, type QueryEditorProps } from '@grafana/data';
import { EditorField, EditorRow, EditorRows } from '@grafana/plugin-ui';
import { useId } from 'react';
import { CatalogProblem } from './CatalogProblem';
import { Choice } from './Choice';
import { type AccordDataSource } from './datasource';
import { Filters } from './Filters';
import { variableKinds, type FilterField, type Options, type Query, type VariableQuery } from './types';
import { useCatalog } from './useCatalog';

type Props = QueryEditorProps<DataSourceApi<Query, Options>, Query, Options, VariableQuery>;

const kindOptions = variableKinds.map((value) => ({ value, label: value[0].toUpperCase() + value.slice(1) }));

/** What a template variable lists, and which filters keep it; these may use other variables. */
export function VariableEditor({ query, onChange, ...props }: Props) {
  const id = useId();
  const datasource = props.datasource as AccordDataSource; // Grafana's type says less than it gives
  const { catalog, error } = useCatalog(datasource);
  const kind = query.kind ?? 'agreements';
  const fields: FilterField[] = ['agreements', 'services', 'providers', 'consumers', 'labels'];
  return (
    <EditorRows>
      <CatalogProblem catalog={catalog} error={error} settingsAddress={datasource.settingsAddress} />
      <EditorRow>
        <EditorField label="List" htmlFor={id}>
          <Choice
            id={id}
            options={kindOptions}
            value={kind}
            onChange={(kind) => onChange({ ...query, kind })}
            width={24}
          />
        </EditorField>
      </EditorRow>
      <Filters
        rows={[fields.filter((field) => field !== kind)]}
        filters={query}
        catalog={catalog}
        onChange={(filters) => onChange({ ...query, kind, ...filters })}
      />
    </EditorRows>
  );
}
