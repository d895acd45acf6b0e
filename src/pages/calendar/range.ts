import { dateTimeForTimeZone, getTimeZone } from '@grafana/data';

/** What the calendar shows at once. */
export type View = 'week' | 'month';

/** A day as the calendar's time zone has it; instants are in milliseconds. */
export interface Day {
  /** YYYY-MM-DD */
  date: string;
  from: number;
  /** The next midnight: a day is 23 or 25 hours long when the clock changes. */
  to: number;
}

export interface Range {
  days: Day[];
  from: number;
  to: number;
}

/** The time zone that Grafana shows times in, by its IANA name. */
export function shownTimeZone(): string {
  const zone = getTimeZone();
  if (zone === 'browser' || zone === '') {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  }
  return zone.toLowerCase() === 'utc' ? 'UTC' : zone;
}

/** The day of an instant there. */
export function dateOf(instant: number, timeZone: string): string {
  return dateTimeForTimeZone(timeZone, instant).format('YYYY-MM-DD');
}

/** Whether a text is a day as addresses have it. */
export function isDate(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** The week or the month around a day: always whole weeks, which begin on Mondays. */
export function rangeAround(view: View, date: string, timeZone: string): Range {
  const anchor = view === 'month' ? `${date.slice(0, 8)}01` : date;
  let first = shifted(anchor, -weekday(anchor));
  const days: Day[] = [];
  do {
    for (let i = 0; i < 7; i++) {
      const next = shifted(first, 1);
      days.push({ date: first, from: midnight(first, timeZone), to: midnight(next, timeZone) });
      first = next;
    }
  } while (view === 'month' && first.slice(0, 7) === date.slice(0, 7));
  return { days, from: days[0].from, to: days[days.length - 1].to };
}

/** The day from which the next or the former week or month is shown. */
export function turned(view: View, date: string, by: 1 | -1): string {
  if (view === 'week') {
    return shifted(date, 7 * by);
  }
  const [year, month] = date.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + by, 1)).toISOString().slice(0, 10);
}

/** Days from the Monday before. */
export function weekday(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

function shifted(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function midnight(date: string, timeZone: string): number {
  return dateTimeForTimeZone(timeZone, date, 'YYYY-MM-DD').startOf('day').valueOf();
}
