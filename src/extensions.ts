import { type DataQuery, type PluginExtensionAddedLinkConfig } from '@grafana/data';
import { getDataSourceSrv, getTemplateSrv } from '@grafana/runtime';

// Part of module.js, which every page of Grafana loads: nothing large may be
// imported here, and texts stand as they do in plugin.json.

type Query = DataQuery & { expr?: unknown };

/** What Grafana tells of a panel, or of a query in Explore. */
interface Context {
  title?: string;
  targets?: Query[];
  /** The queries as they were sent: with the data source, which a panel may have for all of them. */
  data?: { request?: { targets?: Query[] } };
  scopedVars?: Parameters<ReturnType<typeof getTemplateSrv>['replace']>[1];
}

/** Prometheus itself, and the data sources that speak to what is compatible with it. */
const prometheus = /^(prometheus|grafana-(amazon|azure)prometheus-datasource)$/;

/** Opens the form of a new agreement whose SLI is the first query on a Prometheus. */
export const createFromQuery: PluginExtensionAddedLinkConfig<Context> = {
  // Grafana's menus cut off after 24 characters.
  title: 'Create SLA from query',
  description: 'Creates an agreement whose SLI is the query',
  targets: ['grafana/dashboard/panel/menu', 'grafana/explore/toolbar/action'],
  icon: 'shield',
  path: '/a/accord-sla-app/documents',
  configure: (context) => {
    const query = context && queryOf(context);
    if (!query) {
      return undefined; // Not shown.
    }
    const params = new URLSearchParams({ new: 'Agreement', query });
    if (context.title) {
      params.set('title', context.title);
    }
    return { path: `/a/accord-sla-app/documents?${params.toString()}` };
  },
};

/** The PromQL of the first query that has one, with the dashboard's variables put in. */
function queryOf({ targets = [], data, scopedVars }: Context): string | undefined {
  for (const { expr, datasource, hide } of data?.request?.targets ?? targets) {
    const type = getDataSourceSrv().getInstanceSettings(datasource, scopedVars)?.type;
    if (typeof expr === 'string' && expr.trim() && !hide && type && prometheus.test(type)) {
      return withoutVariables(expr, scopedVars);
    }
  }
  return undefined;
}

/** Windows such as [$__rate_interval] stay: Accord fills in its own. */
function withoutVariables(expr: string, scopedVars: Context['scopedVars']): string {
  const windows: string[] = [];
  const kept = expr.replace(/\[[^\]]*\$[^\]]*\]/g, (window) => `\u0001${windows.push(window) - 1}\u0001`);
  return getTemplateSrv()
    .replace(kept, scopedVars, inQuery)

    .replace(/\u0001(\d+)\u0001/g, (_, i: string) => windows[Number(i)]);
}

/** A value within a PromQL string; several are a regular expression. */
function inQuery(value: string | string[]): string {
  return typeof value === 'string'
    ? value.replace(/[\\"]/g, '\\$&')
    : value.map((one) => one.replace(/[\\^$.*+?()[\]{}|]/g, '\\\\$&')).join('|');
}
