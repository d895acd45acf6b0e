import { type DataFrame } from '@grafana/data';
import { type BackendDataSourceResponse, getBackendSrv, toDataQueryResponse } from '@grafana/runtime';
import { firstValueFrom } from 'rxjs';
import { schemaVersion, type Query } from '../datasource/types';
import { dataSourceType } from './DataSource';

/** Over which time is asked, as Grafana writes it (now-30d), and how fine. */
export interface Range {
  from: string;
  to: string;
  maxDataPoints?: number;
  intervalMs?: number;
}

/** The frames of one query of the data source, as a panel asks for them. Rejects with the backend's words. */
export async function askFrames(
  uid: string,
  asked: Omit<Query, 'refId' | 'schemaVersion'>,
  { from, to, ...fineness }: Range,
  signal: AbortSignal,
): Promise<DataFrame[]> {
  const query = { refId: 'A', datasource: { type: dataSourceType, uid }, schemaVersion, ...asked, ...fineness };
  const response = await firstValueFrom(
    getBackendSrv().fetch<BackendDataSourceResponse>({
      url: '/api/ds/query',
      method: 'POST',
      data: { from, to, queries: [query] },
      abortSignal: signal,
      showErrorAlert: false,
    }),
  ).catch((thrown: { data?: BackendDataSourceResponse & { message?: string }; statusText?: string }) => {
    throw new Error(thrown.data?.results?.A?.error ?? thrown.data?.message ?? thrown.statusText ?? String(thrown));
  });
  const { data, errors, error } = toDataQueryResponse(response);
  const problem = errors?.[0] ?? error;
  if (problem) {
    throw new Error(problem.message);
  }
  return data as DataFrame[];
}
