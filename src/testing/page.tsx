import { locationService, setBackendSrv, setDataSourceSrv, type BackendSrvRequest } from '@grafana/runtime';
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import { type ReactNode } from 'react';
import { Route, Routes } from 'react-router-dom';
import { from, of, throwError, type Observable } from 'rxjs';
import { DataSourceProvider } from '../api/DataSource';
import { newQueryClient } from '../api/useResource';
import { GrafanaRouter } from './GrafanaRouter';

/** The response of a resource: a value, or an error with its status and message. */
export type Answer = unknown | Refused;

/** A response with a status other than 200. */
export class Refused {
  constructor(
    readonly status: number,
    readonly error: string,
    /** Other fields of its body. */
    readonly more: object = {},
  ) {}
}

interface Shown {
  /** The requests so far. */
  requests: BackendSrvRequest[];
  /** The current path and query string of the page. */
  address: () => string;
}

/** Sets the data sources that Grafana lists. */
export function listDataSources(sources: Array<{ uid: string; name: string; isDefault?: boolean }>) {
  setDataSourceSrv({ getList: () => sources } as unknown as Parameters<typeof setDataSourceSrv>[0]);
}

/** Sets responses by path, such as `catalog` or `/api/ds/query`; others are a 404, promises are awaited. */
export function letAnswer(answers: Record<string, Answer>): BackendSrvRequest[] {
  const requests: BackendSrvRequest[] = [];
  const fetch = (request: BackendSrvRequest): Observable<unknown> => {
    requests.push(request);
    const path = request.url.replace(/^.*\/resources\//, '').replace(/\?.*$/, '');
    const answer = path in answers ? answers[path] : new Refused(404, `there is nothing at ${path}`);
    const response = (data: unknown) => ({ data, status: 200, headers: new Headers() });
    return answer instanceof Refused
      ? throwError(() => ({ status: answer.status, data: { error: answer.error, ...answer.more } }))
      : answer instanceof Promise
        ? from(answer.then(response))
        : of(response(answer));
  };
  setBackendSrv({ fetch } as unknown as Parameters<typeof setBackendSrv>[0]);
  return requests;
}

/** The path and query string of the page that is shown. */
export function shownAddress(): string {
  const { pathname, search } = locationService.getLocation();
  return pathname + search;
}

/** Renders a page at an address with one data source, without Grafana's frame, so without the header's actions. */
export function showPage(page: ReactNode, answers: Record<string, Answer>, at = '/', route = '*'): Shown {
  localStorage.clear();
  listDataSources([{ uid: 'accord', name: 'Accord' }]);
  const requests = letAnswer(answers);
  locationService.replace(at);
  render(
    <GrafanaRouter>
      <QueryClientProvider client={newQueryClient()}>
        <DataSourceProvider none={null} unknown={() => null}>
          <Routes>
            <Route path={route} element={page} />
          </Routes>
        </DataSourceProvider>
      </QueryClientProvider>
    </GrafanaRouter>,
  );
  return { requests, address: shownAddress };
}
