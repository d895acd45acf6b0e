import { locationUtil } from '@grafana/data';
import { getBackendSrv } from '@grafana/runtime';
import { firstValueFrom } from 'rxjs';

/** Values of the query string of a resource; a list is given once for each entry. */
export type Params = Record<string, string | string[] | undefined>;

/** Why a resource gave no answer: the backend's own words, and the HTTP status (0 when there was no response). */
export class ResourceError extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** The body of the refusal, where it was JSON. */
    readonly body?: unknown,
  ) {
    super(message);
    this.name = 'ResourceError';
  }

  /** Whether the user lacks the right, rather than something being broken. */
  get forbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  params?: Params;
  headers?: Record<string, string>;
  /** Sent as it is when it is text, else as JSON. */
  data?: unknown;
  signal?: AbortSignal;
}

/**
 * What a resource of the data source `uid` answers. Parts of `path` that are
 * names must come through {@link segment}. Rejects with a {@link ResourceError}.
 */
export async function callResource<T>(uid: string, path: string, call: Call = {}): Promise<T> {
  const { method = 'GET', params, headers, data, signal } = call;
  const url = `${resourcePath(uid, path)}${queryString(params)}`;
  // The page says what is wrong, where it is wrong.
  const quiet = { showErrorAlert: false, showSuccessAlert: false };
  try {
    const request = getBackendSrv().fetch<T>({ url, method, headers, data, abortSignal: signal, ...quiet });
    return (await firstValueFrom(request)).data;
  } catch (error) {
    throw signal?.aborted ? error : asResourceError(error);
  }
}

const resourcePath = (uid: string, path: string) => `/api/datasources/uid/${segment(uid)}/resources/${path}`;

/** The address of a resource, for the href of a link with `target`: without one Grafana takes it for a page. */
export const resourceUrl = (uid: string, path: string) => locationUtil.assureBaseUrl(resourcePath(uid, path));

/** A name as one part of a path. */
export const segment = encodeURIComponent;

function queryString(params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of value === undefined ? [] : [value].flat()) {
      search.append(name, one);
    }
  }
  const text = search.toString();
  return text && `?${text}`;
}

/** What was thrown by a call of the backend, in the backend's own words where it said any. */
export function asResourceError(thrown: unknown): ResourceError {
  const { status, data, statusText, message } = thrown as {
    status?: number;
    data?: { error?: string; message?: string };
    statusText?: string;
    message?: string;
  };
  return new ResourceError(
    data?.error || data?.message || message || statusText || String(thrown),
    typeof status === 'number' && status > 0 ? status : 0,
    data,
  );
}
