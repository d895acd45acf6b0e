// Generated from the Go type Query by npm run generate; do not edit.

/**
 * Query is the query of a panel or an alert rule, as it is saved in dashboards.
 */
export interface AccordQuery {
  /**
   * SchemaVersion is 1; a query without one is of version 1.
   */
  schemaVersion: number;
  queryType:
    | 'status'
    | 'compliance'
    | 'budget'
    | 'burnRate'
    | 'alert'
    | 'sli'
    | 'events'
    | 'history'
    | 'incidents'
    | 'exclusions'
    | 'outsideHours'
    | 'agreements';
  agreements?: string[];
  objectives?: string[];
  services?: string[];
  providers?: string[];
  consumers?: string[];
  /**
   * Labels are labels of agreements, as name=value.
   */
  labels?: string[];
  window?: QueryWindow;
  /**
   * Scope is adjusted (the default) or raw: every slot counts.
   */
  scope?: string;
  /**
   * BurnWindows are durations, default 5m 30m 1h 2h 6h 1d 3d.
   */
  burnWindows?: string[];
  /**
   * Severity of an alert query: page, ticket, both (the default), or notice, for
   * what should be known before it becomes an alert.
   */
  severity?: string;
  /**
   * Periods of a history, default 12.
   */
  periods?: number;
}
/**
 * Window overrides that of each objective.
 */
export interface QueryWindow {
  /**
   * Rolling is a duration such as 30d.
   */
  rolling?: string;
  /**
   * Calendar is day, week, month, quarter or year.
   */
  calendar?: string;
  /**
   * Offset picks a past calendar period: -1 is the last whole one.
   */
  offset?: number;
}
