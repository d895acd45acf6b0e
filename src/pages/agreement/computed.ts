import { type Objective, type ObjectiveStatus } from '../../api/types';
import { type TermName, termTitle } from '../../components/terms';
import {
  amount,
  counted,
  instant,
  lengthWords,
  numberOf,
  percent,
  rate,
  sentence,
  share,
} from '../../components/words';
import { targetAt } from './promise';
import { isCalendar } from './when';

/** How a figure came about, with its real numbers put in. */
export interface Computation {
  /** How the figure is called. */
  title: string;
  /** What explains it. */
  term: TermName;
  formula: string;
  /** The formula with the numbers; why there is none where there is none. */
  numbers: string;
}

/** The figures of an objective, in the order in which one follows from another. */
export function computations(status: ObjectiveStatus, objective?: Objective): Computation[] {
  return [
    compliance(status),
    target(status, objective),
    allowed(status),
    remaining(status),
    burn(status, objective),
    exhaustion(status),
    projected(status),
    coverage(status),
    raw(status),
  ].filter((one) => one !== undefined);
}

/** Why a figure is not there. */
function missing({ error, reason }: ObjectiveStatus): string {
  const why = error || reason;
  return why ? sentence(`Absent: ${why}`) : 'Absent: nothing was counted.';
}

function compliance(status: ObjectiveStatus): Computation {
  return {
    title: termTitle('compliance'),
    term: 'compliance',
    formula: '1 − bad ÷ total',
    numbers: good(status, status) ?? missing(status),
  };
}

type Counts = Pick<ObjectiveStatus, 'bad' | 'total' | 'compliance'>;

function good({ bad, total, compliance: value }: Counts, { unit }: ObjectiveStatus): string | undefined {
  return numberOf(value) === undefined
    ? undefined
    : `1 − ${amount(bad, unit)} ÷ ${amount(total, unit)} = ${percent(value)}`;
}

/** A target that was changed within the window is a mean of what was in force; one that was not needs no word. */
function target(status: ObjectiveStatus, objective?: Objective): Computation | undefined {
  const value = numberOf(status.target);
  const changed = (objective?.revisions ?? []).some(({ from }) => from > status.from && from < status.to);
  return changed && value !== undefined
    ? {
        title: termTitle('target'),
        term: 'target',
        formula:
          '1 − error budget ÷ total: it was changed within the window, and everything is judged by the target of its time',
        numbers: percent(value),
      }
    : undefined;
}

/** The budget of time or slices in a calendar window is fixed by the whole period, that of all else by what was counted so far. */
function allowed(status: ObjectiveStatus): Computation {
  const { unit, window } = status;
  const [value, promised, total] = [status.allowed, status.target, status.total].map(numberOf);
  const whole = unit !== 'events' && isCalendar(window);
  const made = {
    title: termTitle('budget'),
    term: 'budget' as const,
    formula: whole ? `the whole ${window}, as far as it counts × (1 − target)` : 'total × (1 − target)',
  };
  if (promised === 1) {
    return { ...made, numbers: 'A target of 100 % allows nothing bad.' };
  }
  if (value === undefined || promised === undefined || total === undefined) {
    return { ...made, numbers: missing(status) };
  }
  const of = whole ? value / (1 - promised) : total;
  return { ...made, numbers: `${amount(of, unit)} × (1 − ${percent(promised)}) = ${counted(value, unit)}` };
}

function remaining(status: ObjectiveStatus): Computation {
  return {
    title: 'Budget left',
    term: 'budget',
    formula: '1 − bad ÷ error budget',
    numbers: left(status),
  };
}

function left(status: ObjectiveStatus): string {
  const { allowed: budget, bad, remaining: value, unit } = status;
  if (numberOf(value) === undefined) {
    return missing(status);
  }
  if (numberOf(budget) === 0) {
    return numberOf(bad) === 0
      ? 'Nothing was bad, so all of it, though it is nothing.'
      : `There is no budget to divide by: ${counted(bad, unit)} bad breaks the promise.`;
  }
  return `1 − ${amount(bad, unit)} ÷ ${amount(budget, unit)} = ${share(value)}`;
}

/** By the target in force at the end, which may be another than that of the whole window. */
function burn({ burn: rates, target: figure, to }: ObjectiveStatus, objective?: Objective): Computation {
  const hour = numberOf(rates?.['1h']);
  const inForce = objective ? targetAt(objective, new Date(to)) : numberOf(figure);
  return {
    title: termTitle('burnRate'),
    term: 'burnRate',
    formula: 'share of bad in the last hour, as far as it counts ÷ (1 − target)',
    numbers: burnNumbers(hour, inForce),
  };
}

function burnNumbers(hour: number | undefined, promised: number | undefined): string {
  if (hour === undefined || promised === undefined) {
    return 'Absent: nothing is known of the last hour.';
  }
  if (promised === 1) {
    return hour === 0 ? '0, as nothing was bad in the last hour.' : '∞: a target of 100 % has no budget to spend.';
  }
  return `${fine(hour * (1 - promised))} ÷ ${fine(1 - promised)} = ${rate(hour)}`;
}

/** A small ratio in percent with three significant digits. */
function fine(ratio: number): string {
  return `${Number((100 * ratio).toPrecision(3))} %`;
}

function exhaustion(status: ObjectiveStatus): Computation {
  const spent = numberOf(status.bad)! > numberOf(status.allowed)!;
  return {
    title: termTitle('exhaustion'),
    term: 'exhaustion',
    formula:
      'when bad reaches the error budget, at the pace of the last hour that counts, or of the last thirtieth of the window if that is longer',
    numbers: exhaustionNumbers(status, spent),
  };
}

function exhaustionNumbers(status: ObjectiveStatus, spent: boolean): string {
  if (status.exhaustion) {
    const at = instant(status.exhaustion);
    return spent ? `It was spent on ${at}.` : at;
  }
  return numberOf(status.remaining) === undefined ? missing(status) : 'At that pace it lasts.';
}

function projected(status: ObjectiveStatus): Computation {
  const { projected: value, window } = status;
  const rolling = `Only calendar periods have an end; this window is ${lengthWords(window)} long.`;
  return {
    title: termTitle('projected'),
    term: 'projected',
    formula: 'compliance at the end of the period if the rest goes like the last seven days',
    numbers: numberOf(value) === undefined ? (isCalendar(window) ? missing(status) : rolling) : percent(value),
  };
}

function coverage(status: ObjectiveStatus): Computation {
  return {
    title: termTitle('coverage'),
    term: 'coverage',
    formula: 'time measured ÷ time that counts',
    numbers: numberOf(status.coverage) === undefined ? missing(status) : percent(status.coverage),
  };
}

function raw(status: ObjectiveStatus): Computation {
  return {
    title: 'Compliance, raw',
    term: 'raw',
    formula: '1 − bad ÷ total, of the whole window',
    numbers: good(status.raw, status) ?? missing(status),
  };
}
