import { type Calendar, type CalendarExclusion, type CalendarHours } from '../../api/types';
import { type Day } from './range';

/** A stretch of time within a day, in milliseconds. */
export interface Stretch {
  from: number;
  to: number;
}

/** What of an exclusion falls into a day. */
export interface Entry extends Stretch {
  exclusion: CalendarExclusion;
  /** The whole occurrence. */
  whole: Stretch;
  /** Entries at the same time stand side by side: which one this is, of how many. */
  lane: number;
  lanes: number;
}

/** A day with what there is on it. */
export interface DayEntries {
  day: Day;
  hours: Stretch[];
  /** Its name; empty of a holiday without one. */
  holiday?: string;
  exclusions: Entry[];
}

/** The days of the calendar with the exclusions, and the support hours of one calendar. */
export function entriesOf(days: Day[], exclusions: CalendarExclusion[], hours?: CalendarHours): DayEntries[] {
  return days.map((day) => ({
    day,
    hours: (hours?.spans ?? []).flatMap((span) => within(stretch(span), day)),
    holiday: hours?.holidays.find(({ date }) => date === day.date) && holidayName(hours, day),
    exclusions: sideBySide(
      exclusions.flatMap((exclusion) =>
        exclusion.occurrences.flatMap((one) => {
          const whole = stretch(one);
          return within(whole, day).map((part) => ({ ...part, exclusion, whole, lane: 0, lanes: 1 }));
        }),
      ),
    ),
  }));
}

const holidayName = (hours: CalendarHours, day: Day) =>
  hours.holidays.find(({ date }) => date === day.date)?.name ?? '';

function stretch({ from, to }: Calendar['exclusions'][number]['occurrences'][number]): Stretch {
  return { from: Date.parse(from), to: Date.parse(to) };
}

function within({ from, to }: Stretch, day: Day): Stretch[] {
  const part = { from: Math.max(from, day.from), to: Math.min(to, day.to) };
  return part.from < part.to ? [part] : [];
}

/** Gives a lane to each entry, so that none covers another. */
function sideBySide(entries: Entry[]): Entry[] {
  const sorted = [...entries].sort((a, b) => a.from - b.from || b.to - a.to);
  const placed: Entry[] = [];
  let group: Entry[] = [];
  let end = -Infinity;
  const close = () => {
    const lanes = Math.max(0, ...group.map(({ lane }) => lane)) + 1;
    placed.push(...group.map((one) => ({ ...one, lanes })));
    group = [];
  };
  for (const entry of sorted) {
    if (entry.from >= end) {
      close();
    }
    const busy = new Set(group.filter(({ to }) => to > entry.from).map(({ lane }) => lane));
    let lane = 0;
    while (busy.has(lane)) {
      lane++;
    }
    group.push({ ...entry, lane });
    end = Math.max(end, entry.to);
  }
  close();
  return placed;
}

/** How an exclusion stands: in force, in some agreements only, or not at all. */
export type ApprovalState = 'approved' | 'partly' | 'proposed' | 'void';

/** An exclusion that nobody could give effect is void: no agreement is about it. */
export function approvalStateOf({ concerns }: CalendarExclusion): ApprovalState {
  const inForce = concerns.filter(({ hasEffect }) => hasEffect).length;
  if (concerns.length === 0) {
    return 'void';
  }
  return inForce === concerns.length ? 'approved' : inForce > 0 ? 'partly' : 'proposed';
}
