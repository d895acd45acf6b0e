import { dateTimeFormat, formattedValueToString, getValueFormat } from '@grafana/data';
import { type Figure, type Unit } from '../api/types';

/**
 * Figures as Grafana shows them. What the backend sends is rounded already, so
 * that nothing looks better than it is: here nothing is rounded again.
 */

/** How an absent figure is shown. */
export const absent = '–';

/** What a figure counts: a ratio, a number without unit, or the unit of a budget. */
export type Kind = 'ratio' | 'rate' | Unit;

const formats: Record<Exclude<Kind, 'rate'>, string> = {
  ratio: 'percentunit',
  events: 'locale',
  slices: 'locale',
  seconds: 's',
};

/** A figure of the backend in words: «99.8%», «12.5», «1,234», «43.2 mins»; an absent one is «–», never 0. */
export function figure(value: Figure | undefined, kind: Kind): string {
  if (value === null || value === undefined) {
    return absent;
  }
  if (typeof value === 'string') {
    return value === '+Inf' ? '∞' : '−∞';
  }
  if (kind === 'rate') {
    // A small burn rate is not 0: it has all the digits that were sent.
    return value.toLocaleString(undefined, { maximumSignificantDigits: 15 });
  }
  const shown = kind === 'ratio' ? Number((100 * value).toPrecision(12)) : value;
  return formattedValueToString(getValueFormat(formats[kind])(value, kind === 'ratio' ? decimals(shown) : undefined));
}

const decimals = (value: number) => String(value).split('.')[1]?.length ?? 0;

/** An instant as Grafana shows it, in that time zone, else in the user's. */
export const instant = (at: string, timeZone?: string) => dateTimeFormat(at, { timeZone });

/** The day of an instant, in that time zone, else in the user's. */
export const day = (at: string, timeZone?: string) => dateTimeFormat(at, { format: 'YYYY-MM-DD', timeZone });
