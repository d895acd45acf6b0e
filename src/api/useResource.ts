import { useCallback, useEffect, useState } from 'react';
import { getResource, type Params, ResourceError } from './client';
import { useDataSource } from './DataSource';

/** How often what is shown is asked for again, while it can be seen. */
export const refreshMilliseconds = 60_000;

interface Common {
  /** Asks again; what is there stays until the answer comes. */
  reload: () => void;
  /** Whether an answer is awaited while an older one is shown. */
  refreshing: boolean;
}

/** What is known of a resource. */
export type Resource<T> = Common &
  (
    | { state: 'loading'; value?: undefined; error?: undefined }
    /** With an error, the value is an older one, which could not be renewed. */
    | { state: 'ready'; value: T; error?: ResourceError }
    | { state: 'error' | 'forbidden'; value?: undefined; error: ResourceError }
  );

/**
 * The answer of a resource of the chosen data source, renewed each minute
 * while the page is visible. Changing the path or the parameters starts anew,
 * with the answer known from before where there is one.
 */
export function useResource<T>(path: string, params?: Params): Resource<T> {
  const { uid, answers } = useDataSource();
  const key = JSON.stringify([uid, path, params]);
  const [asked, setAsked] = useState(0);
  const [answer, setAnswer] = useState<{ key: string; asked: number; value?: T; error?: ResourceError }>();
  const reload = useCallback(() => setAsked((n) => n + 1), []);

  useEffect(() => {
    const abort = new AbortController();
    const [, , sent] = JSON.parse(key) as [string, string, Params | null];
    getResource<T>(uid, path, sent ?? undefined, abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) {
          answers.set(key, value);
          setAnswer({ key, asked, value });
        }
      },
      (error: ResourceError) => {
        if (!abort.signal.aborted) {
          setAnswer({ key, asked, value: answers.get(key) as T | undefined, error });
        }
      },
    );
    return () => abort.abort();
  }, [uid, path, key, asked, answers]);

  useEachMinute(reload, answer?.key === key && answer.asked === asked ? answer : undefined);

  const own = answer?.key === key ? answer : undefined;
  const value = own ? own.value : (answers.get(key) as T | undefined);
  const refreshing = value !== undefined && own?.asked !== asked;
  // What is wrong with access must not hide behind what was seen before.
  if (own?.error && (own.error.forbidden || value === undefined)) {
    return { state: own.error.forbidden ? 'forbidden' : 'error', error: own.error, reload, refreshing };
  }
  return value === undefined
    ? { state: 'loading', reload, refreshing: false }
    : { state: 'ready', value, error: own?.error, reload, refreshing };
}

/** Calls a minute after each answer; while the page is hidden, as soon as it is seen again. */
function useEachMinute(call: () => void, answer: object | undefined) {
  useEffect(() => {
    if (!answer) {
      return; // One is awaited, however long it takes.
    }
    const since = Date.now();
    const due = () => {
      if (document.visibilityState === 'visible' && Date.now() - since >= refreshMilliseconds) {
        call();
      }
    };
    const timer = setInterval(due, refreshMilliseconds / 12);
    document.addEventListener('visibilitychange', due);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', due);
    };
  }, [call, answer]);
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
