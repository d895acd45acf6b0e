import { type QueryFunctionContext, keepPreviousData, QueryClient, useQuery } from '@tanstack/react-query';
import { getResource, type Params, type ResourceError } from './client';
import { useDataSource } from './DataSource';

/** How often what is shown is asked for again, while it can be seen. */
const refreshMilliseconds = 60_000;

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
  | { state: 'error' | 'forbidden'; value?: undefined; error: ResourceError }
);

/** The key of all that is asked of a data source, or of one resource of it. */
export const resourceKey = (uid: string, ...path: unknown[]) => ['accord', uid, ...path];

/**
 * The answer of a resource of the chosen data source, renewed each minute while
 * the page is visible. `keep` shows the answer to the parameters before, until
 * that to the new ones comes: for the pages, sorts and filters of a table.
 */
export function useResource<T>(path: string, params?: Params, keep = false): Resource<T> {
  const { uid } = useDataSource();
  const { data, error, isFetching, isPending, refetch } = useQuery<T, ResourceError>({
    queryKey: resourceKey(uid, path, params),
    queryFn: ({ signal }: QueryFunctionContext) => getResource<T>(uid, path, params, signal),
    refetchInterval: refreshMilliseconds,
    placeholderData: keep ? keepPreviousData : undefined,
  });
  const common = { reload: () => void refetch(), refreshing: isFetching && !isPending };
  // What is wrong with access must not hide behind what was seen before.
  if (error && (error.forbidden || data === undefined)) {
    return { state: error.forbidden ? 'forbidden' : 'error', error, ...common };
  }
  return data === undefined
    ? { state: 'loading', ...common }
    : { state: 'ready', value: data, error: error ?? undefined, ...common };
}

/** Several resources as one: ready when all are, else the worst of what they are. */
export function together<T extends Record<string, unknown>>(parts: { [K in keyof T]: Resource<T[K]> }): Resource<T> {
  const all = Object.values(parts) as Array<Resource<unknown>>;
  const common = {
    reload: () => all.forEach((part) => part.reload()),
    refreshing: all.some((part) => part.refreshing),
  };
  for (const state of ['forbidden', 'error'] as const) {
    const failed = all.find((part) => part.state === state);
    if (failed?.error) {
      return { state, error: failed.error, ...common };
    }
  }
  if (all.some((part) => part.state === 'loading')) {
    return { state: 'loading', ...common };
  }
  const value = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.value])) as T;
  return { state: 'ready', value, error: all.find((part) => part.error)?.error, ...common };
}
