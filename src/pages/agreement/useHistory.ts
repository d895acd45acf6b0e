import { useEffect, useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { askFrames } from '../../api/frames';
import { executed, periods, type Period } from './history';

/** The past of one objective, and the PromQL behind it. */
export type History =
  { state: 'loading' } | { state: 'error'; error: string } | { state: 'ready'; periods: Period[]; promql: string[] };

/** The last twelve periods of an objective; asked once, as only the newest one still changes. */
export function useHistory(agreement: string, objective: string, groupBy: string[]): History {
  const { uid } = useDataSource();
  const key = JSON.stringify([uid, agreement, objective, groupBy]);
  const [answer, setAnswer] = useState<{ key: string; history: History }>();

  useEffect(() => {
    const abort = new AbortController();
    const settle = (history: History) => {
      if (!abort.signal.aborted) {
        setAnswer({ key, history });
      }
    };
    const [, , , groups] = JSON.parse(key) as [string, string, string, string[]];
    const ask = (scope: 'adjusted' | 'raw') =>
      askFrames(
        uid,
        { queryType: 'history', agreements: [agreement], objectives: [objective], periods: 12, scope },
        { from: 'now-1h', to: 'now' },
        abort.signal,
      );
    Promise.all([ask('adjusted'), ask('raw')]).then(
      ([adjusted, raw]) =>
        settle({ state: 'ready', periods: periods(adjusted, raw, groups), promql: executed(adjusted) }),
      (error: Error) => settle({ state: 'error', error: error.message }),
    );
    return () => abort.abort();
  }, [uid, agreement, objective, key]);

  return answer?.key === key ? answer.history : { state: 'loading' };
}
