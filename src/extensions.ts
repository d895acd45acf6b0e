import { type DataQuery, type PluginExtensionAddedLinkConfig } from '@grafana/data';
import { getDataSourceSrv, getTemplateSrv } from '@grafana/runtime';
import { escapeRegExp } from 'lodash';

// Part of module.js, which every page of Grafana loads: import nothing large
// here. Texts must equal those in plugin.json.

type Query = DataQuery & { expr?: unknown };

/** Grafana's context of a panel, or of queries in Explore. */
interface Context {
  title?: string;
  targets?: Query[];
  /** The queries as sent, each with its data source, which a panel may define for all of them. */
  data?: { request?: { targets?: Query[] } };
  scopedVars?: Parameters<ReturnType<typeof getTemplateSrv>['replace']>[1];
}

/** The data source types of Prometheus and of compatible services. */
const prometheus = /^(prometheus|grafana-(amazon|azure)prometheus-datasource)$/;

/** Opens the form of a new agreement whose SLI is the first Prometheus query. */
export const createFromQuery: PluginExtensionAddedLinkConfig<Context> = {
  // Grafana's menus cut titles after 24 characters.
  title: 'Create SLA from query',
  description: 'Creates an agreement whose SLI is the query',
  targets: ['grafana/dashboard/panel/menu', 'grafana/explore/toolbar/action'],
  icon: 'shield',
  path: '/a/accord-sla-app/documents',
  configure: (context) => {
    const query = context && queryOf(context);
    if (!query) {
      return undefined; // Hides the link.
    }
    const params = new URLSearchParams({ new: 'Agreement', query });
    if (context.title) {
      params.set('title', context.title);
    }
    return { path: `/a/accord-sla-app/documents?${params.toString()}` };
  },
};

/** The PromQL of the first visible Prometheus query, with the dashboard's variables replaced. */
function queryOf({ targets = [], data, scopedVars }: Context): string | undefined {
  for (const { expr, datasource, hide } of data?.request?.targets ?? targets) {
    const type = getDataSourceSrv().getInstanceSettings(datasource, scopedVars)?.type;
    if (typeof expr === 'string' && expr.trim() && !hide && type && prometheus.test(type)) {
      return withoutVariables(expr, scopedVars);
    }
  }
  return undefined;
}

/** Replaces variables except in ranges such as [$__rate_interval], for which Accord uses its own. */
function withoutVariables(expr: string, scopedVars: Context['scopedVars']): string {
  const windows: string[] = [];
  const kept = expr.replace(/\[[^\]]*\$[^\]]*\]/g, (window) => `\u0001${windows.push(window) - 1}\u0001`);
  return getTemplateSrv()
    .replace(kept, scopedVars, inQuery)
    .replace(/\u0001(\d+)\u0001/g, (_, i: string) => windows[Number(i)]);
}

/** Escapes a value for a PromQL string; several values become a regular expression. */
function inQuery(value: string | string[]): string {
  const values = typeof value === 'string' ? [value] : value.map(escapeRegExp);
  const text = values.length > 1 ? `(${values.join('|')})` : values.join();
  return text.replace(/[\\"]/g, '\\$&');
}
