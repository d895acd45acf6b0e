import { dateTimeForTimeZone } from '@grafana/data';
import { date } from '../../components/words';

// An agreement speaks of the days of its own time zone, wherever its reader is.

const calendarUnits = { day: 'day', week: 'isoWeek', month: 'month', quarter: 'quarter', year: 'year' } as const;

/** A window that starts afresh, rather than moving on with every minute. */
export type CalendarWindow = keyof typeof calendarUnits;

/** Whether a window is a calendar one, such as month. */
export function isCalendar(window: string): window is CalendarWindow {
  return window in calendarUnits;
}

/** The calendar period that an instant lies in, in milliseconds; the end is the next one's start. */
export function periodAround(at: number, window: CalendarWindow, timeZone: string): { from: number; end: number } {
  const unit = calendarUnits[window] as Parameters<ReturnType<typeof dateTimeForTimeZone>['startOf']>[0];
  return {
    from: dateTimeForTimeZone(timeZone, at).startOf(unit).valueOf(),
    // What is called the end is the last millisecond within.
    end: dateTimeForTimeZone(timeZone, at).endOf(unit).valueOf() + 1,
  };
}

/** The last day of the calendar period that starts at an instant; undefined of a rolling window. */
export function lastDay(from: string, window: string, timeZone: string): string | undefined {
  if (!isCalendar(window)) {
    return undefined;
  }
  const { end } = periodAround(Date.parse(from), window, timeZone);
  return date(new Date(end - 1).toISOString(), timeZone);
}
