import { AppEvents } from '@grafana/data';
import { getAppEvents } from '@grafana/runtime';
import { notifyManager, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router-dom';
import { callResource, type Params, type ResourceError } from './client';
import { dataSourceParam, useDataSource } from './DataSource';

/** How often what is shown is asked for again, while it can be seen. */
const refreshMilliseconds = 60_000;

// A button that changes something is disabled before another click can come: a busy page
// answers the second of a double click before any timer, which is what tells by default.
notifyManager.setScheduler(queueMicrotask);

/** Answers are asked for anew when a page is opened; what is known is shown meanwhile. */
export const newQueryClient = () =>
  new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5_000, networkMode: 'always' } } });

/** What is known of a resource. */
export type Resource<T> = {
  /** Asks again; what is there stays until the answer comes. */
  reload: () => void;
  /** Whether an answer is awaited while an older one is shown. */
  refreshing: boolean;
} & (
  | { state: 'loading'; value?: undefined; error?: undefined }
  /** With an error, the value is an older one, which could not be renewed. */
  | { state: 'ready'; value: T; error?: ResourceError }
  | { state: 'error'; value?: undefined; error: ResourceError }
);

/** The key of all that is asked of a data source, or of one resource of it. */
export const resourceKey = (uid: string, ...path: unknown[]) => ['accord', uid, ...path];

/** What a key asks for, whatever its parameters. */
const withoutParams = ([, uid, path]: readonly unknown[] = []) => `${uid} ${String(path).split('?')[0]}`;

/**
 * The answer of a resource of the chosen data source, renewed each minute while
 * the page is visible. `keep` shows the answer to the parameters before, until
 * that to the new ones comes: for the pages, sorts and filters of a table. What
 * was said of another data source is never shown.
 */
export function useResource<T>(path: string, params?: Params, keep = false): Resource<T> {
  const { uid } = useDataSource();
  const queryKey = resourceKey(uid, path, params);
  const { data, error, isFetching, isPending, refetch } = useQuery<T, ResourceError>({
    queryKey,
    queryFn: ({ signal }) => callResource<T>(uid, path, { params, signal }),
    refetchInterval: refreshMilliseconds,
    placeholderData: (before, query) =>
      keep && withoutParams(query?.queryKey) === withoutParams(queryKey) ? before : undefined,
  });
  const common = { reload: () => void refetch(), refreshing: isFetching && !isPending };
  // What is wrong with access must not hide behind what was seen before.
  if (error && (error.forbidden || data === undefined)) {
    return { state: 'error', error, ...common };
  }
  return data === undefined
    ? { state: 'loading', ...common }
    : { state: 'ready', value: data, error: error ?? undefined, ...common };
}

/** The list that the URL asks for: by its search, its filters, its sort and its page. */
export function useList<T>(path: string): Resource<T> {
  const search = new URLSearchParams(useSearchParams()[0]);
  search.delete(dataSourceParam); // names who is asked, and comes later on a first visit
  return useResource<T>(`${path}?${search}`, undefined, true);
}

/**
 * A change that the backend makes; whether it was made or refused, all that is
 * shown is asked for again. What is refused after the page was left, Grafana
 * shows; `refusal` is what an answer says of that.
 */
export function useChange<Result, Input = void>(
  change: (uid: string, input: Input) => Promise<Result>,
  refusal: (result?: Result) => string | undefined = () => undefined,
) {
  const { uid } = useDataSource();
  const queries = useQueryClient();
  const isShown = useRef(false);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  return useMutation<Result, ResourceError, Input>({
    mutationFn: (input) => change(uid, input),
    onSettled: (result, error) => {
      void queries.invalidateQueries({ queryKey: resourceKey(uid) });
      const refused = error?.message ?? refusal(result);
      if (refused && !isShown.current) {
        getAppEvents().publish({ type: AppEvents.alertError.name, payload: [refused] });
      }
    },
  });
}
