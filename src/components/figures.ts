import { dateTimeFormat, formattedValueToString, getValueFormat } from '@grafana/data';
import { type Figure, type Unit } from '../api/types';

/**
 * Figures in Grafana's format. The backend has rounded them such that nothing
 * looks better than it is: they are not rounded again here.
 */

/** The text of an absent figure. */
export const absent = '–';

/** The kind of a figure: a ratio, a number without unit, or the unit of a budget. */
export type Kind = 'ratio' | 'rate' | Unit;

/** A figure as text, such as «99.8%», «12.5», «1,234», «43.2 mins»; an absent one is «–», never 0. */
export function figure(value: Figure | undefined, kind: Kind): string {
  if (value === null || value === undefined) {
    return absent;
  }
  if (typeof value === 'string') {
    return value === '+Inf' ? '∞' : '−∞';
  }
  if (kind === 'ratio') {
    const shown = Number((100 * value).toPrecision(12));
    return formattedValueToString(getValueFormat('percentunit')(value, decimals(shown)));
  }
  if (kind === 'seconds') {
    return formattedValueToString(getValueFormat('s')(value));
  }
  // All digits from the backend, so that a small burn rate or count does not become 0.
  return value.toLocaleString(undefined, { maximumSignificantDigits: 15 });
}

const decimals = (value: number) => String(value).split('.')[1]?.length ?? 0;

/** An instant in Grafana's format, in that time zone or else the user's. */
export const instant = (at: string, timeZone?: string) => dateTimeFormat(at, { timeZone });

/** The day of an instant in that time zone or else the user's. */
export const day = (at: string, timeZone?: string) => dateTimeFormat(at, { format: 'YYYY-MM-DD', timeZone });
