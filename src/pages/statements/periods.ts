import { dateTimeForTimeZone } from '@grafana/data';

/** The kinds of period there are to choose from. Days are too short to be agreed on. */
export const units = ['week', 'month', 'quarter', 'year'] as const;

export type PeriodUnit = (typeof units)[number];

/** A calendar period by its name; agreements have it in their own time zones. */
export interface Period {
  /** Such as 2026-10, 2026-W44, 2026-Q4 or 2026. */
  name: string;
  unit: PeriodUnit;
  /** How it is asked for: the window, and the instant of which it is told; absent: now. */
  window: string;
  at?: string;
  /** Whether it is over. */
  closed: boolean;
}

const startOf = { week: 'isoWeek', month: 'month', quarter: 'quarter', year: 'year' } as const;
const names: Record<PeriodUnit, string> = { week: 'GGGG-[W]WW', month: 'YYYY-MM', quarter: 'YYYY-[Q]Q', year: 'YYYY' };
const counts: Record<PeriodUnit, number> = { week: 26, month: 24, quarter: 8, year: 3 };

/** The furthest that a time zone lies from UTC, and more: by then a period is over everywhere. */
const everywhereMilliseconds = 36 * 3_600_000;

/** The periods of a kind up to now, the present one first. */
export function periods(unit: PeriodUnit, now: number): Period[] {
  return Array.from({ length: counts[unit] }, (_, back) => {
    const start = dateTimeForTimeZone('UTC', now)
      .startOf(startOf[unit] as 'month')
      .subtract(back, unit);
    const name = start.format(names[unit]);
    if (back === 0) {
      return { name, unit, window: unit, closed: false };
    }
    // Told as of a moment at which it is the last whole one in every time zone.
    const over = start.add(1, unit).valueOf() + everywhereMilliseconds;
    const at = over < now ? new Date(over).toISOString() : undefined;
    return { name, unit, window: `${unit}:-1`, at, closed: true };
  });
}

/** The kind of period as a word. */
export function unitWord(unit: PeriodUnit): string {
  switch (unit) {
    case 'week':
      return 'Week';
    case 'month':
      return 'Month';
    case 'quarter':
      return 'Quarter';
    case 'year':
      return 'Year';
  }
}
