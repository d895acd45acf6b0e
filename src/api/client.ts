import { locationUtil } from '@grafana/data';
import { getBackendSrv } from '@grafana/runtime';
import { firstValueFrom } from 'rxjs';

/** The error of a resource: the backend's message, and the HTTP status (0 without a response). */
export class ResourceError extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** The response body, if it was JSON. */
    readonly body?: unknown,
  ) {
    super(message);
    this.name = 'ResourceError';
  }

  /** Whether the user lacks the permission. */
  get forbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  headers?: Record<string, string>;
  /** Text is sent unchanged, anything else as JSON. */
  data?: unknown;
  signal?: AbortSignal;
}

/**
 * Calls a resource of the data source `uid`. Names in `path` must be escaped by
 * {@link segment}. Rejects with a {@link ResourceError}.
 */
export async function callResource<T>(uid: string, path: string, call: Call = {}): Promise<T> {
  const { method = 'GET', headers, data, signal } = call;
  const url = resourcePath(uid, path);
  // The page itself shows errors.
  const quiet = { showErrorAlert: false, showSuccessAlert: false };
  try {
    const request = getBackendSrv().fetch<T>({ url, method, headers, data, abortSignal: signal, ...quiet });
    return (await firstValueFrom(request)).data;
  } catch (error) {
    throw signal?.aborted ? error : asResourceError(error);
  }
}

const resourcePath = (uid: string, path: string) => `/api/datasources/uid/${segment(uid)}/resources/${path}`;

/** The address of a resource for the href of a link. The link needs a `target`, or Grafana takes it for a page. */
export const resourceUrl = (uid: string, path: string) => locationUtil.assureBaseUrl(resourcePath(uid, path));

/** Escapes a name for use as one part of a path. */
export const segment = encodeURIComponent;

/** The error of a backend call, with the backend's message if there is one. */
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
