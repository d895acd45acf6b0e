import { CoreApp, type DataSourceJsonData } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { type AccordQuery } from './query.gen';

export { type QueryWindow } from './query.gen';

/** The version of the query model that this frontend writes. */
export const schemaVersion = 1;

/** Whether a query is one of an alert rule. */
export const isAlerting = (app?: CoreApp) => app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;

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

/** The names that filters keep, by field. */
export type FilterValues = Partial<Record<FilterField, string[]>>;

/** Whether it is a list of texts, which what was written by hand may not be: the backend says so. */
export const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

interface About {
  label: string;
  /** What the answer is, in one line. */
  description: string;
  /** An alert rule can have a threshold on it: it gives numbers or series. */
  alerting: boolean;
}

/** The query types in the order in which they are offered. */
export const queryTypes: Record<QueryType, About> = {
  status: {
    label: 'Status',
    description: 'A row per objective: state, compliance, budget left, burn rates',
    alerting: false,
  },
  compliance: {
    label: 'Compliance',
    description: 'Share of good events in the window, over time, with the target',
    alerting: true,
  },
  budget: { label: 'Error budget', description: 'What is left of the error budget, over time', alerting: true },
  burnRate: { label: 'Burn rate', description: 'How fast the error budget burns, over time', alerting: true },
  alert: { label: 'Alert', description: 'A number per objective and severity: above 1 fires', alerting: true },
  sli: { label: 'SLI', description: 'Share of good events in each step, over time', alerting: true },
  events: {
    label: 'Good and bad events',
    description: 'What was good and what was bad in each step, over time',
    alerting: true,
  },
  history: { label: 'History', description: 'A row per objective and period', alerting: false },
  incidents: { label: 'Incidents', description: 'When error budgets burned, and how much it took', alerting: false },
  exclusions: {
    label: 'Exclusions',
    description: 'Time that was agreed not to count, past and planned',
    alerting: false,
  },
  outsideHours: { label: 'Outside of support hours', description: 'Time in which nothing counts', alerting: false },
  agreements: { label: 'Agreements', description: 'The catalog: who promised what to whom', alerting: false },
};

/** Query types that are answered from what is written in the documents, without measuring: so without window and scope. */
export const written: QueryType[] = ['agreements', 'exclusions', 'outsideHours'];

/** Query types that are always of what was agreed: alerts, and what burned the budget. */
export const alwaysAdjusted: QueryType[] = ['alert', 'incidents'];

/** Query types whose answers know no window: what is written, or what was counted from step to step. */
export const withoutWindow: QueryType[] = [...written, 'incidents', 'sli', 'events'];

/** Windows that the backend takes when the query names none. */
export const defaultBurnWindows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];
