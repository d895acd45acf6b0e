import { segment } from './api/client';
import { dataSourceParam, useDataSource } from './api/DataSource';

/** Where Grafana shows the app. */
export const appPath = '/a/accord-sla-app';

/** The addresses of the pages, with the chosen data source when there are several. */
export interface Paths {
  overview: () => string;
  /** With the filters of the page, see pages/agreements/filters.ts. */
  agreements: (filters?: Record<string, string>) => string;
  agreement: (name: string) => string;
  teams: () => string;
  team: (name: string) => string;
  /** With the parameters of the page, see pages/calendar. */
  calendar: (params?: Record<string, string>) => string;
  statements: () => string;
  /** The editor with that document, or with a new one; `params` are those of the page, see pages/workbench. */
  workbench: (document?: { kind: string; name: string }, params?: Record<string, string>) => string;
  health: () => string;
}

/** The addresses of the pages. A name may hold any character. */
export function usePaths(): Paths {
  const { uid, all } = useDataSource();
  const chosen: Record<string, string> = all.length > 1 ? { [dataSourceParam]: uid } : {};
  const to = (path: string, params?: Record<string, string>) => {
    const search = new URLSearchParams({ ...params, ...chosen }).toString();
    return `${appPath}${path}${search && `?${search}`}`;
  };
  return {
    overview: () => to(''),
    agreements: (filters) => to('/agreements', filters),
    agreement: (name) => to(`/agreements/${segment(name)}`),
    teams: () => to('/teams'),
    team: (name) => to(`/teams/${segment(name)}`),
    calendar: (params) => to('/calendar', params),
    statements: () => to('/statements'),
    workbench: (document, params) =>
      to(document ? `/workbench/${segment(document.kind)}/${segment(document.name)}` : '/workbench', params),
    health: () => to('/health'),
  };
}
