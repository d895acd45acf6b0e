import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
} from '@grafana/data';
import { from, map, type Observable } from 'rxjs';
import { choices } from './catalog';
import { type AccordDataSource } from './datasource';
import { type Options, type Query, type VariableQuery } from './types';
import { VariableEditor } from './VariableEditor';

/** Template variables: the names of one kind that the filters keep. */
export class Variables extends CustomVariableSupport<DataSourceApi<Query, Options>, VariableQuery, Query, Options> {
  editor = VariableEditor;

  constructor(private readonly datasource: AccordDataSource) {
    super();
  }

  query = (request: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> => {
    const query = request.targets[0];
    const filters = this.datasource.expandFilters(query, request.scopedVars);
    return from(this.datasource.getCatalog()).pipe(
      map((catalog) => ({
        data: choices(catalog, query.kind ?? 'agreements', filters).map(({ value }) => ({ text: value, value })),
      })),
    );
  };
}
