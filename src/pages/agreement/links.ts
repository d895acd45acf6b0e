import { locationUtil } from '@grafana/data';
import { type DataSourceRef, type Panel } from '@grafana/schema';
import { userMay } from '../../api/permissions';
import { filtersAsText } from '../../datasource/migrate';
import { type FilterValues, schemaVersion, type Query } from '../../datasource/types';
import { type AgreementId } from '../../paths';

export const mayExplore = () => userMay('datasources:explore');

/** The address of Explore with one query of any data source. */
export function exploreLink(datasource: DataSourceRef, query: object, from = 'now-7d'): string {
  const pane = {
    datasource: datasource.uid,
    queries: [{ refId: 'A', datasource, ...query }],
    range: { from, to: 'now' },
  };
  return address('/explore', { schemaVersion: '1', panes: JSON.stringify({ accord: pane }) });
}

/** The filters for one agreement, or for an SLO without an agreement, which no provider tells from an agreement of its name. */
export const filtersOf = ({ kind, name }: AgreementId): FilterValues => ({
  agreements: [name],
  ...(kind === 'SLO' && { providers: ['/^$/'] }),
});

/** The address of Explore with the compliance of an agreement. */
export function exploreAgreement(datasource: DataSourceRef, filters: FilterValues): string {
  const query: Partial<Query> = { schemaVersion, queryType: 'compliance', ...filters };
  return exploreLink(datasource, query);
}

/** A panel with the remaining error budgets of an agreement over time. */
export function budgetPanel(datasource: DataSourceRef, filters: FilterValues, title: string): Omit<Panel, 'gridPos'> {
  const query: Query = { refId: 'A', datasource, schemaVersion, queryType: 'budget', ...filters };
  return {
    type: 'timeseries',
    title: `Error budget of ${title}`,
    datasource,
    targets: [{ ...query }],
    fieldConfig: {
      // The query returns the unit and the threshold at which the budget is spent.
      defaults: { max: 1, custom: { axisSoftMin: 0, lineWidth: 2, thresholdsStyle: { mode: 'dashed' } } },
      overrides: [],
    },
  };
}

/**
 * The address of a prefilled new alert rule. It fires for each objective whose budget
 * burns faster than its alerts allow: the value of the alert query is above 1.
 */
export function newAlertRule(datasource: DataSourceRef, filters: FilterValues, title: string): string {
  const query: Query = { refId: 'A', datasource, schemaVersion, queryType: 'alert', ...filters };
  // A threshold would make Grafana add a Reduce, and a prefilled query another one.
  const fires = {
    refId: 'C',
    type: 'math',
    expression: '$A > 1',
    datasource: { type: '__expr__', uid: '__expr__' },
    // Otherwise Grafana 12.3 takes the expression for a query and drops its type.
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
        // Grafana 12.3 keeps only fields of Prometheus queries, so the filter is added as text.
        model: { ...query, expression: filtersAsText(filters) },
      },
      { refId: 'C', queryType: '', datasourceUid: '__expr__', model: fires },
    ],
    // If nothing can be measured the state stays, so that no alert is resolved.
    noDataState: 'KeepLast',
    execErrState: 'KeepLast',
  };
  return address('/alerting/new/alerting', { defaults: JSON.stringify(rule) });
}

function address(path: string, params: Record<string, string>): string {
  return locationUtil.assureBaseUrl(`${path}?${new URLSearchParams(params)}`);
}
