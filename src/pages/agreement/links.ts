import { locationUtil } from '@grafana/data';
import { type DataSourceRef, type Panel } from '@grafana/schema';
import { userMay } from '../../api/permissions';
import { filtersAsText } from '../../datasource/migrate';
import { schemaVersion, type Query } from '../../datasource/types';

export const mayExplore = () => userMay('datasources:explore');

/** Explore with one query, of whatever data source. */
export function exploreLink(datasource: DataSourceRef, query: object, from = 'now-7d'): string {
  const pane = {
    datasource: datasource.uid,
    queries: [{ refId: 'A', datasource, ...query }],
    range: { from, to: 'now' },
  };
  return address('/explore', { schemaVersion: '1', panes: JSON.stringify({ accord: pane }) });
}

/** Explore with the compliance of an agreement. */
export function exploreAgreement(datasource: DataSourceRef, agreement: string): string {
  const query: Partial<Query> = { schemaVersion, queryType: 'compliance', agreements: [agreement] };
  return exploreLink(datasource, query);
}

/** A panel with what is left of the error budgets of an agreement, over time. */
export function budgetPanel(datasource: DataSourceRef, agreement: string, title: string): Omit<Panel, 'gridPos'> {
  const query: Query = { refId: 'A', datasource, schemaVersion, queryType: 'budget', agreements: [agreement] };
  return {
    type: 'timeseries',
    title: `Error budget of ${title}`,
    datasource,
    targets: [{ ...query }],
    fieldConfig: {
      // The query itself has the unit, and the line where the budget ends.
      defaults: { max: 1, custom: { axisSoftMin: 0, lineWidth: 2, thresholdsStyle: { mode: 'dashed' } } },
      overrides: [],
    },
  };
}

/**
 * A new alert rule filled in: it fires for each objective whose budget burns
 * faster than its alerts allow, which is where the value of an alert query passes 1.
 */
export function newAlertRule(datasource: DataSourceRef, agreement: string, title: string): string {
  const query: Query = {
    refId: 'A',
    datasource,
    schemaVersion,
    queryType: 'alert',
    agreements: [agreement],
  };
  // Grafana 12.3 lets only what Prometheus knows through, so the filter comes as text too.
  const linked = { ...query, expression: filtersAsText({ agreements: [agreement] }) };
  // Below a threshold Grafana puts a Reduce, and below a query that comes filled in another one.
  const fires = {
    refId: 'C',
    type: 'math',
    expression: '$A > 1',
    datasource: { type: '__expr__', uid: '__expr__' },
    // Grafana 12.3 takes an expression that could be a query for one, and loses its type.
    instant: null,
  };
  const rule = {
    type: 'grafana-alerting',
    name: `Error budget of ${title}`,
    condition: 'C',
    queries: [
      {
        refId: 'A',
        queryType: '',
        datasourceUid: datasource.uid,
        relativeTimeRange: { from: 600, to: 0 },
        model: linked,
      },
      { refId: 'C', queryType: '', datasourceUid: '__expr__', model: fires },
    ],
    // What cannot be measured keeps the state it had, so that it resolves no alert.
    noDataState: 'KeepLast',
    execErrState: 'KeepLast',
  };
  return address('/alerting/new/alerting', { defaults: JSON.stringify(rule) });
}

function address(path: string, params: Record<string, string>): string {
  return locationUtil.assureBaseUrl(`${path}?${new URLSearchParams(params)}`);
}
