import { locationUtil } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { segment } from './api/client';
import { dataSourceParam, useDataSource } from './api/DataSource';

/** The path of the app in Grafana, without Grafana's own base path. */
export const appPath = '/a/accord-sla-app';

/** What has a page of figures, by the kind and the name of its document; without a kind an agreement. */
export interface AgreementId {
  kind?: string;
  name: string;
}

/** Parameters of a page; undefined and empty ones are left out. */
export type Search = Record<string, string | undefined>;

/**
 * The addresses of the pages for href, with the chosen data source if there are
 * several. A name may have any characters. For navigate, {@link withoutBase} is
 * needed.
 */
export function usePaths() {
  const { uid, all } = useDataSource();
  const to = (path: string, search: Search = {}, kept = new URLSearchParams()) => {
    const text = withParams(kept, { ...search, [dataSourceParam]: all.length > 1 ? uid : '' });
    return locationUtil.assureBaseUrl(`${appPath}${path}${text && `?${text}`}`);
  };
  return {
    /** The home page, with its filters. */
    agreements: (search?: Search) => to('', search),
    /** An agreement, or with its kind an SLO that none names, which may have the name of one. */
    agreement: ({ kind, name }: AgreementId, tab?: 'history' | 'contract') =>
      to(`/${kind === 'SLO' ? 'slos' : 'agreements'}/${segment(name)}${tab ? `/${tab}` : ''}`),
    teams: (search?: Search) => to('/teams', search),
    team: (name: string) => to(`/teams/${segment(name)}`),
    /** With what is kept of another address of the page. */
    exclusions: (search?: Search, kept?: URLSearchParams) => to('/exclusions', search, kept),
    statements: (search?: Search) => to('/statements', search),
    /** The list of documents, one document, or with `new` in the search the form or template of a new one. */
    documents: (document?: { kind: string; name: string }, search?: Search) =>
      to(document ? `/documents/${segment(document.kind)}/${segment(document.name)}` : '/documents', search),
    findings: (search?: Search) => to('/documents/findings', search),
    /** The settings of the data source in Grafana. */
    settings: () => locationUtil.assureBaseUrl(`/connections/datasources/edit/${segment(uid)}`),
  };
}

/** The resource with a part of the page of an agreement. */
export function agreementResource(part: 'status' | 'history' | 'contract', { kind, name }: AgreementId, more?: Search) {
  const params = withParams(new URLSearchParams(), { ...more, kind });
  return `pages/agreement/${part}/${segment(name)}${params && `?${params}`}`;
}

/** The query string with these parameters set, or removed if they are empty. */
export function withParams(before: URLSearchParams, set: Search): string {
  const next = new URLSearchParams(before);
  for (const [name, value] of Object.entries(set)) {
    if (value) {
      next.set(name, value);
    } else {
      next.delete(name);
    }
  }
  return next.toString();
}

/**
 * Sets parameters of the URL, removes empty ones, and returns to the first page of
 * a list. They are merged into the current URL, because that of the last render may
 * lack changes since.
 */
export function setParams(set: Record<string, string>, replace = false) {
  const params = Object.entries({ page: '', ...set }).map(([name, value]) => [name, value || null]);
  locationService.partial(Object.fromEntries(params), replace);
}

/** The address for react-router's navigate, whose history adds Grafana's base path. */
export const withoutBase = locationUtil.stripBaseFromUrl;
