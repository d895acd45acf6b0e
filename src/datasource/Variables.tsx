import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type QueryEditorProps,
} from '@grafana/data';
import { EditorField, EditorRow, EditorRows } from '@grafana/plugin-ui';
import { useId } from 'react';
import { from, map, type Observable } from 'rxjs';
import { CatalogProblem } from './CatalogProblem';
import { type AccordDataSource } from './datasource';
import { Choice, Filters } from './Filters';
import { variableKinds, type FilterField, type Options, type Query, type VariableQuery } from './types';

/** Template variables: the names of one kind that match the filters. */
export class Variables extends CustomVariableSupport<DataSourceApi<Query, Options>, VariableQuery, Query, Options> {
  editor = VariableEditor;

  constructor(private readonly datasource: AccordDataSource) {
    super();
  }

  query = (request: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> => {
    const query = request.targets[0];
    const filters = this.datasource.expandFilters(query, request.scopedVars);
    return from(this.datasource.names(query.kind ?? 'agreements', '', filters)).pipe(
      map(({ names }) => ({ data: names.map(({ name }) => ({ text: name, value: name })) })),
    );
  };
}

type Props = QueryEditorProps<DataSourceApi<Query, Options>, Query, Options, VariableQuery>;

const kinds = variableKinds.map((value) => ({ value, label: value[0].toUpperCase() + value.slice(1) }));
const fields: FilterField[] = ['agreements', 'services', 'providers', 'consumers', 'labels'];

/** The editor of a template variable: what it lists, and filters, which may use other variables. */
export function VariableEditor({ query, onChange, ...props }: Props) {
  const id = useId();
  const datasource = props.datasource as AccordDataSource; // Grafana declares a wider type
  const kind = query.kind ?? 'agreements';
  return (
    <EditorRows>
      <CatalogProblem datasource={datasource} />
      <EditorRow>
        <EditorField label="List" htmlFor={id}>
          <Choice id={id} options={kinds} value={kind} onChange={(kind) => onChange({ ...query, kind })} />
        </EditorField>
      </EditorRow>
      <Filters
        datasource={datasource}
        rows={[fields.filter((field) => field !== kind)]}
        filters={query}
        onChange={(filters) => onChange({ ...query, kind, ...filters })}
      />
    </EditorRows>
  );
}
