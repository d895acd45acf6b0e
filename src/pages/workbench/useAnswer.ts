import { useCallback, useEffect, useState } from 'react';
import { ResourceError } from '../../api/client';

/** What the backend says of a text. While a newer text is asked about, the last answer stays. */
export interface Answer<T> {
  /** Undefined until there is one. */
  value?: T;
  /** The text that the value is of. */
  of?: string;
  /** Why the last text has no answer. */
  error?: ResourceError;
  waiting: boolean;
  again: () => void;
}

/** How soon a text is asked about again when nobody answered, as while the backend starts anew. */
const retryMilliseconds = 5000;

/** Asks about a text once nothing was typed for `milliseconds`; undefined asks nothing. */
export function useAnswer<T>(
  text: string | undefined,
  milliseconds: number,
  ask: (text: string, signal: AbortSignal) => Promise<T>,
): Answer<T> {
  const [got, setGot] = useState<{ value?: T; of?: string; error?: ResourceError; asked?: string; turn: number }>({
    turn: 0,
  });
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((n) => n + 1), []);

  useEffect(() => {
    if (text === undefined) {
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      ask(text, abort.signal).then(
        (value) => !abort.signal.aborted && setGot({ value, of: text, asked: text, turn }),
        (error: unknown) =>
          !abort.signal.aborted &&
          setGot((before) => ({
            ...before,
            asked: text,
            turn,
            error: error instanceof ResourceError ? error : new ResourceError(String(error), 0),
          })),
      );
    }, milliseconds);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, milliseconds, ask, turn]);

  const unanswered =
    got.error !== undefined && got.asked === text && (got.error.status === 0 || got.error.status >= 500);
  useEffect(() => {
    if (unanswered) {
      const timer = setTimeout(again, retryMilliseconds);
      return () => clearTimeout(timer);
    }
  }, [unanswered, again, got]);

  const waiting = text !== undefined && (got.asked !== text || got.turn !== turn);
  return { value: got.value, of: got.of, error: got.asked === text ? got.error : undefined, waiting, again };
}
