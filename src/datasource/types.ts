import { CoreApp, type DataSourceJsonData } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { type AccordQuery } from './query.gen';

export { type QueryWindow } from './query.gen';

/** The version of the query model that this frontend writes. */
export const schemaVersion = 1;

/** Whether a query belongs to an alert rule. */
export const isAlerting = (app?: CoreApp) => app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;

/** A query; its fields are generated from the Go type Query. */
export interface Query extends DataQuery, AccordQuery {
  queryType: AccordQuery['queryType'];
}

export type QueryType = Query['queryType'];

/** The filters of a query, each a list of names, /regular expressions/ or variables. */
export const filterFields = ['agreements', 'objectives', 'services', 'providers', 'consumers', 'labels'] as const;

export type FilterField = (typeof filterFields)[number];

/** The kinds of names that a template variable can list. */
export const variableKinds = ['agreements', 'objectives', 'services', 'providers', 'consumers'] as const;

export type VariableKind = (typeof variableKinds)[number];

/** The query of a template variable: the names of one kind that match the filters. */
export interface VariableQuery extends DataQuery, Partial<Record<FilterField, string[]>> {
  kind: VariableKind;
}

/** The settings in addition to those of every HTTP data source. */
export interface Options extends DataSourceJsonData {
  /** A folder of documents under the operator's root; empty: the root itself. */
  definitions?: string;
  /** Length of a slot, such as 5m; must divide a day. */
  resolution?: string;
  /** Seconds for one request to Prometheus. */
  timeout?: number | string;
  /** Requests to Prometheus at once. */
  parallelQueries?: number;
  /** MiB for cached counts. */
  cacheSize?: number;
  /** The name of the OpenSLO DataSource that stands for this Prometheus. */
  connection?: string;
}

/** The values of filters, by field. */
export type FilterValues = Partial<Record<FilterField, string[]>>;

/** Whether it is a list of texts. JSON edited by hand may have something else, which the backend refuses. */
export const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

interface About {
  label: string;
  /** The content of the response, in one line. */
  description: string;
  /** Whether it returns numbers or series, on which an alert rule can have a threshold. */
  alerting: boolean;
}

/** The query types in the order of the editor. */
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

/** Query types that are answered from the documents without measuring, so have no window and scope. */
export const written: QueryType[] = ['agreements', 'exclusions', 'outsideHours'];

/** Query types that always use the adjusted scope: alerts, and what burned the budget. */
export const alwaysAdjusted: QueryType[] = ['alert', 'incidents'];

/** Query types without a window: those of documents, and counts from step to step. */
export const withoutWindow: QueryType[] = [...written, 'incidents', 'sli', 'events'];

/** The burn windows that the backend uses if the query has none. */
export const defaultBurnWindows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];
