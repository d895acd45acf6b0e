import { AppEvents } from '@grafana/data';
import { type BackendSrv, type BackendSrvRequest, type FetchResponse, getAppEvents } from '@grafana/runtime';
import { firstValueFrom, Observable } from 'rxjs';

/** Calls the site as Grafana's own service does: the same headers, the same reading of answers, the same errors. */
async function call<T>(request: BackendSrvRequest, signal: AbortSignal): Promise<FetchResponse<T>> {
  const method = request.method ?? 'GET';
  const headers = new Headers({ Accept: 'application/json, text/plain, */*', ...request.headers });
  if (method !== 'GET' && request.data !== undefined && !headers.has('Content-Type')) {
    headers.set('Content-Type', 'application/json');
  }
  const response = await fetch(addressOf(request), { method, headers, body: bodyOf(request), signal });
  const { status, statusText, ok, redirected, type, url } = response;
  const data = await read<T>(response, request.responseType);
  const answer = { data, status, statusText, ok, redirected, type, url, headers: response.headers, config: request };
  if (!ok) {
    throw { ...answer, data: typeof data === 'string' ? { error: statusText, response: data, message: data } : data };
  }
  return answer;
}

function addressOf({ url, params }: BackendSrvRequest): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    [value].flat().forEach((one) => search.append(name, String(one)));
  }
  const address = /^https?:/.test(url) || url.startsWith('/') ? url : `/${url}`;
  return search.size ? `${address}${address.includes('?') ? '&' : '?'}${search}` : address;
}

function bodyOf({ data, method }: BackendSrvRequest): BodyInit | undefined {
  if (data === undefined || method === undefined || method === 'GET') {
    return undefined;
  }
  return typeof data === 'string' || data instanceof Blob || data instanceof FormData ? data : JSON.stringify(data);
}

async function read<T>(response: Response, as: BackendSrvRequest['responseType']): Promise<T> {
  if (as === 'blob' || as === 'arraybuffer') {
    return (as === 'blob' ? response.blob() : response.arrayBuffer()) as Promise<T>;
  }
  const text = await response.text();
  if (as === 'text') {
    return text as T;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    return text as T;
  }
}

/** Says in a message what failed or was done, unless the caller says it. */
function announce({ method = 'GET', showErrorAlert, showSuccessAlert }: BackendSrvRequest, data: unknown, ok: boolean) {
  const message = (data as { message?: string } | null)?.message;
  if (!ok && showErrorAlert !== false) {
    getAppEvents().publish({ type: AppEvents.alertError.name, payload: [message ?? 'Request failed'] });
  }
  if (ok && message && method !== 'GET' && showSuccessAlert !== false) {
    getAppEvents().publish({ type: AppEvents.alertSuccess.name, payload: [message] });
  }
}

const running = new Map<string, AbortController>();

function fetchObservable<T>(request: BackendSrvRequest): Observable<FetchResponse<T>> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    request.abortSignal?.addEventListener('abort', () => abort.abort());
    if (request.abortSignal?.aborted) {
      abort.abort();
    }
    if (request.requestId) {
      running.get(request.requestId)?.abort();
      running.set(request.requestId, abort);
    }
    call<T>(request, abort.signal).then(
      (answer) => {
        announce(request, answer.data, true);
        subscriber.next(answer);
        subscriber.complete();
      },
      (thrown) => {
        if (abort.signal.aborted) {
          subscriber.error({
            type: 'cancelled',
            cancelled: true,
            status: -1,
            statusText: 'Request was aborted',
            data: null,
            config: request,
          });
          return;
        }
        const failed =
          typeof thrown.status === 'number'
            ? thrown
            : {
                status: 0,
                statusText: thrown.message,
                message: thrown.message,
                data: { message: thrown.message },
                config: request,
              };
        announce(request, failed.data, false);
        subscriber.error(failed);
      },
    );
    return () => abort.abort();
  });
}

async function ask<T>(request: BackendSrvRequest): Promise<T> {
  return (await firstValueFrom(fetchObservable<T>(request))).data;
}

const withData = (method: string) => (url: string, data?: unknown, options?: Partial<BackendSrvRequest>) =>
  ask<never>({ ...options, url, method, data });

export const backendSrv: BackendSrv = {
  fetch: fetchObservable,
  chunked: () => {
    throw new Error('the host page streams nothing');
  },
  get: (url, params, requestId, options) => ask({ ...options, url, params, requestId }),
  delete: withData('DELETE'),
  post: withData('POST'),
  patch: withData('PATCH'),
  put: withData('PUT'),
  request: ask,
  datasourceRequest: (request) => firstValueFrom(fetchObservable(request)),
};
