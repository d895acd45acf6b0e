import { locationService, setBackendSrv, setDataSourceSrv, type BackendSrvRequest } from '@grafana/runtime';
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import { type ReactNode } from 'react';
import { Route, Routes } from 'react-router-dom';
import { from, of, throwError, type Observable } from 'rxjs';
import { DataSourceProvider } from '../api/DataSource';
import { newQueryClient } from '../api/useResource';
import { GrafanaRouter } from './GrafanaRouter';

/** What a resource answers: a value, or a refusal with its status and words. */
export type Answer = unknown | Refused;

/** An answer with another status than 200. */
export class Refused {
  constructor(
    readonly status: number,
    readonly error: string,
    /** What else is in its body. */
    readonly more: object = {},
  ) {}
}

interface Shown {
  /** The requests so far. */
  requests: BackendSrvRequest[];
  /** The path and the query of the page as they are now. */
  address: () => string;
}

/** Data sources that Grafana lists. */
export function listDataSources(sources: Array<{ uid: string; name: string; isDefault?: boolean }>) {
  setDataSourceSrv({ getList: () => sources } as unknown as Parameters<typeof setDataSourceSrv>[0]);
}

/** Lets the backend answer by path, such as `catalog` or `/api/ds/query`; what is not there is a 404, a promise is awaited. */
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

/** The path and the query of what is shown. */
export function shownAddress(): string {
  const { pathname, search } = locationService.getLocation();
  return pathname + search;
}

/** Renders a page at an address, over one data source; without Grafana's frame, so without what stands beside the title. */
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
