import { useEffect, useRef, useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { askFrames } from '../../api/frames';
import { type BurnDown, burnDownOf, type Line, lineKey } from './burnDown';

/** How far back a line reaches; the same for all, so that rows can be compared. */
export const burnDownDays = 30;

/** Two points a day: as fine as it can be drawn in a cell. */
const points = 2 * burnDownDays;

/** How long is waited for a search to be typed to its end, in milliseconds. */
const delay = 250;

/** Lines by their keys: null where one could not be measured, absent while it is awaited. */
export type BurnDowns = Map<string, BurnDown | null>;

/**
 * The error budget over time of the lines that can be seen, asked for in one
 * request, and only those not known yet. They are no reason to fail: a line
 * that cannot be had is left out.
 */
export function useBurnDowns(lines: Line[]): BurnDowns {
  const { uid } = useDataSource();
  const [known, setKnown] = useState<{ uid: string; lines: BurnDowns }>({ uid, lines: new Map() });
  const shown = useRef(lines);
  useEffect(() => {
    shown.current = lines;
  });
  const have = known.uid === uid ? known.lines : none;
  const missing = lines.map(lineKey).filter((key) => !have.has(key));
  const wanted = missing.join('\n');

  useEffect(() => {
    if (!wanted) {
      return;
    }
    const keys = new Set(wanted.split('\n'));
    const asked = shown.current.filter((line) => keys.has(lineKey(line)));
    const abort = new AbortController();
    const settle = (answer: (line: Line) => BurnDown | undefined) => {
      if (!abort.signal.aborted) {
        setKnown((before) => ({
          uid,
          lines: new Map([
            ...(before.uid === uid ? before.lines : none),
            ...asked.map((line) => [lineKey(line), answer(line) ?? null] as const),
          ]),
        }));
      }
    };
    const timer = setTimeout(() => {
      askFrames(
        uid,
        {
          queryType: 'budget',
          agreements: unique(asked.map(({ agreement }) => agreement)),
          objectives: unique(asked.map(({ objective }) => objective.name)),
        },
        {
          from: `now-${burnDownDays}d`,
          to: 'now',
          maxDataPoints: points,
          intervalMs: (burnDownDays * 86_400_000) / points,
        },
        abort.signal,
      ).then(
        (frames) => settle((line) => burnDownOf(frames, line)),
        () => settle(() => undefined),
      );
    }, delay);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [uid, wanted]);

  return have;
}

const none: BurnDowns = new Map();

const unique = (names: string[]) => [...new Set(names)];
