import { locationUtil } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { segment } from './api/client';
import { dataSourceParam, useDataSource } from './api/DataSource';

/** Where Grafana shows the app, without the path that Grafana itself may be served under. */
export const appPath = '/a/accord-sla-app';

/** Parameters of a page; what is undefined or empty is left out. */
export type Search = Record<string, string | undefined>;

/**
 * The addresses of the pages, with the chosen data source when there are several,
 * for href. A name may hold any character. Where they are given to navigate,
 * {@link withoutBase} is needed.
 */
export function usePaths() {
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
    /** The home page, with its filters. */
    agreements: (search?: Search) => to('', search),
    agreement: (name: string, tab?: 'history' | 'contract') =>
      to(`/agreements/${segment(name)}${tab ? `/${tab}` : ''}`),
    teams: (search?: Search) => to('/teams', search),
    team: (name: string) => to(`/teams/${segment(name)}`),
    exclusions: (search?: Search) => to('/exclusions', search),
    statements: (search?: Search) => to('/statements', search),
    /** The list of documents, one of them, or with `new` in the search the form or template of a new one. */
    documents: (document?: { kind: string; name: string }, search?: Search) =>
      to(document ? `/documents/${segment(document.kind)}/${segment(document.name)}` : '/documents', search),
    findings: (search?: Search) => to('/documents/findings', search),
    /** Of the data source itself, in Grafana. */
    settings: () => locationUtil.assureBaseUrl(`/connections/datasources/edit/${segment(uid)}`),
  };
}

/**
 * Sets parameters of the address, an empty one being left out, and begins at the
 * first page of a list. They are added to the address as it is now: the one that
 * was drawn last may lack what was clicked since.
 */
export function setParams(set: Record<string, string>, replace = false) {
  const params = Object.entries({ page: '', ...set }).map(([name, value]) => [name, value || null]);
  locationService.partial(Object.fromEntries(params), replace);
}

/** The address for react-router's navigate, whose history has Grafana's base already. */
export const withoutBase = locationUtil.stripBaseFromUrl;
