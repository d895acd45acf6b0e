/**
 * Figures and states in words for people. A figure that is absent is «–»,
 * never 0; none is rounded to something better than it is.
 */
import { dateTimeFormat } from '@grafana/data';
import { type Figure, type ObjectiveStatus, type Stage, type State, type Unit } from '../api/types';

/** How an absent figure is shown. */
export const absent = '–';

/** The figure as a number, undefined when it is absent. */
export function numberOf(figure: Figure | undefined): number | undefined {
  switch (figure) {
    case null:
    case undefined:
      return undefined;
    case '+Inf':
      return Infinity;
    case '-Inf':
      return -Infinity;
    default:
      return figure;
  }
}

/**
 * A ratio in percent with as many decimals as tell it from its target, at
 * least two and at most five. Cut, not rounded: a miss is never shown as
 * 100 %, nor a breach as the target.
 */
export function percent(ratio: Figure | undefined): string {
  const value = numberOf(ratio);
  if (value === undefined) {
    return absent;
  }
  if (!Number.isFinite(value)) {
    return `${infinite(value)} %`;
  }
  // In decimal, since 100 × 0.995 is not 99.5 in binary. What a division adds
  // lies beyond the 14th decimal.
  const scaled = BigInt(value.toFixed(14).replace('.', '')); // percent × 10¹²
  for (let decimals = 2; ; decimals++) {
    const unit = 10n ** BigInt(12 - decimals);
    const cut = floor(scaled, unit);
    const missed = 10n ** 14n - cut * unit;
    const coarse = missed < 10n ** BigInt(13 - decimals);
    if (!coarse || cut * unit === scaled || decimals === 5) {
      return `${trimmed((Number(cut) / 10 ** decimals).toFixed(decimals))} %`;
    }
  }
}

function floor(value: bigint, unit: bigint): bigint {
  return value >= 0n || value % unit === 0n ? value / unit : value / unit - 1n;
}

/**
 * A share of the budget in percent with one decimal. What is overspent is
 * never shown as 0 %, nor what is begun as 100 %.
 */
export function share(figure: Figure | undefined): string {
  const value = numberOf(figure);
  if (value === undefined) {
    return absent;
  }
  const thousandths = 1000 * value;
  if (!Number.isFinite(value)) {
    return `${infinite(value)} %`;
  }
  let rounded = Math.round(thousandths);
  if (rounded === 0 && thousandths < -1e-6) {
    rounded = -1;
  } else if (rounded === 1000 && thousandths < 1000 - 1e-6) {
    rounded = 999;
  }
  return `${trimmed((rounded / 10).toFixed(1))} %`;
}

/** A burn rate with three significant digits. */
export function rate(figure: Figure | undefined): string {
  const value = numberOf(figure);
  if (value === undefined) {
    return absent;
  }
  if (!Number.isFinite(value)) {
    return infinite(value);
  }
  return value >= 100 ? grouped(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A count, of seconds as a length of time: «12 m 40 s», «1,234». */
export function amount(figure: Figure | undefined, unit: Unit): string {
  const value = numberOf(figure);
  if (value === undefined) {
    return absent;
  }
  return unit === 'seconds' ? duration(value) : grouped(value);
}

/** A count with its unit: «1 event», «18.3 slices», «12 m 40 s». */
export function counted(figure: Figure | undefined, unit: Unit): string {
  const text = amount(figure, unit);
  if (unit === 'seconds' || text === absent) {
    return text;
  }
  const count = text === '1' ? 1 : 2;
  return unit === 'events'
    ? plural(count, `${text} event`, `${text} events`)
    : plural(count, `${text} slice`, `${text} slices`);
}

type Budget = Pick<ObjectiveStatus, 'allowed' | 'bad' | 'remaining' | 'unit'>;

/** How much of the error budget is left: «12 m 40 s of 43 m 12 s», «−20 of 100 events» when it is overspent. */
export function budgetLeft({ allowed, bad, remaining, unit }: Budget): string {
  const permitted = numberOf(allowed);
  const used = numberOf(bad);
  if (numberOf(remaining) === undefined || permitted === undefined || used === undefined) {
    return absent;
  }
  if (permitted > 0) {
    return `${amount(permitted - used, unit)} of ${counted(permitted, unit)}`;
  }
  return used > 0 ? `−${counted(used, unit)}, none allowed` : 'none allowed';
}

/** A length of time in its two largest units: «2 d 3 h», «43 m 12 s». */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) {
    return infinite(seconds);
  }
  if (seconds < 0) {
    return `−${duration(-seconds)}`;
  }
  const whole = Math.round(seconds);
  const lengths = [86400, 3600, 60, 1];
  const names = ['d', 'h', 'm', 's'];
  const first = Math.max(
    lengths.findIndex((length) => whole >= length),
    whole >= 1 ? 0 : 3,
  );
  const rest = first < 3 ? Math.floor((whole % lengths[first]) / lengths[first + 1]) : 0;
  const text = `${Math.floor(whole / lengths[first])} ${names[first]}`;
  return rest > 0 ? `${text} ${rest} ${names[first + 1]}` : text;
}

/** A number with thousands set apart, and one decimal below 1,000 when it is no whole number. */
export function grouped(value: number): string {
  if (!Number.isFinite(value)) {
    return infinite(value);
  }
  const size = Math.abs(value);
  const decimals = size < 1000 && Math.abs(size - Math.round(size)) > 0.05 ? 1 : 0;
  const text = size.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return value < 0 && text !== '0' ? `−${text}` : text;
}

const infinite = (value: number) => (value < 0 ? '−∞' : '∞');

/** Without zeros at its end, with a real minus. */
function trimmed(text: string): string {
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return short === '-0' ? '0' : short.replace('-', '−');
}

/** An instant to the minute, in that time zone, else in the user's. */
export function instant(iso: string, timeZone?: string): string {
  return dateTimeFormat(iso, { format: 'D MMM YYYY, HH:mm', timeZone });
}

/** The day of an instant, in that time zone, else in the user's. */
export function date(iso: string, timeZone?: string): string {
  return dateTimeFormat(iso, { format: 'D MMMM YYYY', timeZone });
}

/** Names as one speaks: «a, b and c». */
export function list(names: string[]): string {
  return new Intl.ListFormat('en', { style: 'long', type: 'conjunction' }).format(names);
}

/** A length of time as documents have it («30d», «4w», «5m») in words: «30 days». */
export function lengthWords(text: string): string {
  const parsed = /^(\d+)([wdhms])$/.exec(text);
  if (!parsed) {
    return text;
  }
  const count = Number(parsed[1]);
  switch (parsed[2]) {
    case 'w':
      return plural(count, '1 week', `${count} weeks`);
    case 'd':
      return plural(count, '1 day', `${count} days`);
    case 'h':
      return plural(count, '1 hour', `${count} hours`);
    case 'm':
      return plural(count, '1 minute', `${count} minutes`);
    default:
      return plural(count, '1 second', `${count} seconds`);
  }
}

/** A state as a word. */
export function stateWord(state: State): string {
  switch (state) {
    case 'met':
      return 'Met';
    case 'at_risk':
      return 'At risk';
    case 'breached':
      return 'Breached';
    case 'no_data':
      return 'No data';
    case 'inactive':
      return 'Inactive';
  }
}

/** A stage as a word. */
export function stageWord(stage: Stage): string {
  switch (stage) {
    case 'draft':
      return 'Draft';
    case 'proposed':
      return 'Proposed';
    case 'active':
      return 'Active';
    case 'retired':
      return 'Retired';
  }
}

/** A window as reports write it («28d», «month», «month:-1») in words: «the last 28 days», «this month». */
export function windowWords(window: string): string {
  const [period, offset] = window.split(':');
  if (offset !== undefined && Number(offset) !== 0) {
    return Number(offset) === -1 ? `the last full ${period}` : `the ${period} ${-Number(offset)} before this one`;
  }
  switch (period) {
    case 'day':
      return 'today';
    case 'week':
    case 'month':
    case 'quarter':
    case 'year':
      return `this ${period}`;
    default:
      return `the last ${lengthWords(period)}`;
  }
}

/** The labels of a group: «region=eu, tier=1»; empty without any. */
export function groupWords(group: Record<string, string>): string {
  return Object.keys(group)
    .sort()
    .map((name) => `${name}=${group[name]}`)
    .join(', ');
}

/** Why an objective stands as it does, as a plain sentence. */
export function reason(o: ObjectiveStatus): string {
  if (o.error) {
    return sentence(`It could not be measured: ${o.error}`);
  }
  switch (o.state) {
    case 'breached':
      return breach(o);
    case 'at_risk':
      return [sentence(o.reason ?? ''), o.exhaustion ? exhaustion(o.exhaustion) : ''].filter(Boolean).join(' ');
    case 'met':
      return `Kept: ${percent(o.compliance)} good, ${percent(o.target)} promised.`;
    default:
      return sentence(o.reason || 'nothing is known of it');
  }
}

function breach({ bad, allowed, unit, window }: ObjectiveStatus): string {
  if (numberOf(allowed) === 0) {
    return `${counted(bad, unit)} bad in ${windowWords(window)}, though none may be.`;
  }
  return `${counted(bad, unit)} bad in ${windowWords(window)}; the promise allows ${amount(allowed, unit)}.`;
}

function exhaustion(at: string): string {
  return `At this rate the error budget is spent by ${instant(at)}.`;
}

/** With a capital at its start and a full stop at its end. */
export function sentence(text: string): string {
  const trimmedText = text.trim();
  if (!trimmedText) {
    return '';
  }
  return trimmedText[0].toUpperCase() + trimmedText.slice(1) + (/[.!?…]$/.test(trimmedText) ? '' : '.');
}

/** A number of things as Grafana writes it. */
export const count = (amount: number) => amount.toLocaleString();

/** One text for one, another for any other number. */
export const plural = (amount: number, one: string, other: string) => (amount === 1 ? one : other);
