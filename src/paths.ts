import { locationUtil } from '@grafana/data';
import { segment } from './api/client';
import { dataSourceParam, useDataSource } from './api/DataSource';

/** Where Grafana shows the app, without the path that Grafana itself may be served under. */
export const appPath = '/a/accord-sla-app';

/** Parameters of a page; what is undefined or empty is left out. */
export type Search = Record<string, string | undefined>;

/** The addresses of the pages, with the chosen data source when there are several. */
export interface Paths {
  /** The home page, with its filters. */
  agreements: (search?: Search) => string;
  agreement: (name: string, tab?: 'history' | 'contract') => string;
  teams: (search?: Search) => string;
  team: (name: string) => string;
  exclusions: (search?: Search) => string;
  statements: (search?: Search) => string;
  /** The list of documents, one of them, or with `new` in the search the form or template of a new one. */
  documents: (document?: { kind: string; name: string }, search?: Search) => string;
  findings: (search?: Search) => string;
}

/**
 * The addresses of the pages, for href. A name may hold any character. Where
 * they are given to navigate, {@link withoutBase} is needed.
 */
export function usePaths(): Paths {
  const { uid, all } = useDataSource();
  const to = (path: string, search: Search = {}) => {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...search, [dataSourceParam]: all.length > 1 ? uid : '' })) {
      if (value) {
        params.set(name, value);
      }
    }
    const text = params.toString();
    return locationUtil.assureBaseUrl(`${appPath}${path}${text && `?${text}`}`);
  };
  return {
    agreements: (search) => to('', search),
    agreement: (name, tab) => to(`/agreements/${segment(name)}${tab ? `/${tab}` : ''}`),
    teams: (search) => to('/teams', search),
    team: (name) => to(`/teams/${segment(name)}`),
    exclusions: (search) => to('/exclusions', search),
    statements: (search) => to('/statements', search),
    documents: (document, search) =>
      to(document ? `/documents/${segment(document.kind)}/${segment(document.name)}` : '/documents', search),
    findings: (search) => to('/documents/findings', search),
  };
}

/** The address for react-router's navigate, whose history has Grafana's base already. */
export const withoutBase = locationUtil.stripBaseFromUrl;
