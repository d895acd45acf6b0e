import { AppEvents } from '@grafana/data';
import { getAppEvents } from '@grafana/runtime';
import { notifyManager, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { callResource, type ResourceError } from './client';
import { dataSourceParam, useDataSource } from './DataSource';

/** The interval of refreshes while the page is visible. */
const refreshMilliseconds = 60_000;

// Buttons for changes must be disabled before a second click: on a busy page that is handled
// before timers, which notify by default.
notifyManager.setScheduler(queueMicrotask);

/** Opening a page refreshes values older than `staleTime`, which are shown until then. */
export const newQueryClient = () =>
  new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5_000, networkMode: 'always' } } });

/** The state of a resource. */
export type Resource<T> = {
  /** Requests the resource again; the value stays until then. */
  reload: () => void;
  /** Whether a request is in flight while an older value is shown. */
  refreshing: boolean;
} & (
  | { state: 'loading'; value?: undefined; error?: undefined }
  /** With an error, the value is an older one that could not be refreshed. */
  | { state: 'ready'; value: T; error?: ResourceError }
  | { state: 'error'; value?: undefined; error: ResourceError }
);

/** The query key of a data source, or of one of its resources. */
export const resourceKey = (uid: string, ...path: unknown[]) => ['accord', uid, ...path];

/**
 * A resource of the chosen data source, refreshed each minute while the page is
 * visible. With `keep`, the value for the previous parameters is shown until that
 * for the new ones arrives, and with the error if it does not, as for the pages,
 * sorts and filters of a table. Values of another data source are never shown.
 */
export function useResource<T>(path: string, keep = false): Resource<T> {
  const { uid } = useDataSource();
  const [last, setLast] = useState<{ of: string; value: T }>();
  const of = `${uid} ${path.split('?')[0]}`;
  const before = keep && last?.of === of ? last.value : undefined;
  const answer = useQuery<T, ResourceError>({
    queryKey: resourceKey(uid, path),
    queryFn: ({ signal }) => callResource<T>(uid, path, { signal }),
    refetchInterval: refreshMilliseconds,
  });
  const { error, isFetching, refetch } = answer;
  const data = answer.data ?? before;
  if (keep && data !== undefined && data !== before) {
    setLast({ of, value: data });
  }
  const common = { reload: () => void refetch(), refreshing: isFetching && data !== undefined };
  // Values loaded before must not hide that access is refused now.
  if (error && (error.forbidden || data === undefined)) {
    return { state: 'error', error, ...common };
  }
  return data === undefined
    ? { state: 'loading', ...common }
    : { state: 'ready', value: data, error: error ?? undefined, ...common };
}

/** The list by the search, filters, sort and page in the URL. */
export function useList<T>(path: string): Resource<T> {
  const search = new URLSearchParams(useSearchParams()[0]);
  search.delete(dataSourceParam); // names the data source, and is set later on a first visit
  return useResource<T>(`${path}?${search}`, true);
}

/** Returns a function for the reason of a refusal: if the page was left meanwhile, Grafana shows it as an alert. */
export function useLateRefusal() {
  const isShown = useRef(false);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  return (reason?: string) => {
    if (reason && !isShown.current) {
      getAppEvents().publish({ type: AppEvents.alertError.name, payload: [reason] });
    }
  };
}

/**
 * A change by the backend. Whether it was made or refused, all resources are
 * requested again. If it is refused after the page was left, Grafana shows an alert.
 */
export function useChange<Result, Input = void>(change: (uid: string, input: Input) => Promise<Result>) {
  const { uid } = useDataSource();
  const queries = useQueryClient();
  const showLateRefusal = useLateRefusal();
  return useMutation<Result, ResourceError, Input>({
    mutationFn: (input) => change(uid, input),
    onSettled: (_, error) => {
      void queries.invalidateQueries({ queryKey: resourceKey(uid) });
      showLateRefusal(error?.message);
    },
  });
}
