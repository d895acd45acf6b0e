import { type DataSourceJsonData } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { type AccordQuery } from './query.gen';

export { type QueryWindow } from './query.gen';

/** The version of the query model that this frontend writes. */
export const schemaVersion = 1;

/** What is asked; see the Go type Query, from which its fields come. */
export interface Query extends DataQuery, AccordQuery {
  queryType: AccordQuery['queryType'];
}

export type QueryType = Query['queryType'];

/** The filters of a query, each a list of names, /regular expressions/ or variables. */
export const filterFields = ['agreements', 'objectives', 'services', 'providers', 'consumers', 'labels'] as const;

export type FilterField = (typeof filterFields)[number];

/** What a template variable can list. */
export const variableKinds = ['agreements', 'objectives', 'services', 'providers', 'consumers'] as const;

export type VariableKind = (typeof variableKinds)[number];

/** The query of a template variable: the names of one kind, as far as the filters keep them. */
export interface VariableQuery extends DataQuery, Partial<Record<FilterField, string[]>> {
  kind: VariableKind;
}

/** The settings beside those that every HTTP data source has. */
export interface Options extends DataSourceJsonData {
  /** A folder of documents under the operator's root; empty: the root itself. */
  definitions?: string;
  /** Length of a slot, such as 5m; must divide a day. */
  resolution?: string;
  /** Seconds for one request to Prometheus. */
  timeout?: number | string;
  /** Requests to Prometheus at once. */
  parallelQueries?: number;
  /** MiB for remembered counts. */
  cacheSize?: number;
  /** The OpenSLO DataSource document that this Prometheus is. */
  connection?: string;
}
