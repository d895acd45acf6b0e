import { type Agreement, type Objective } from '../../api/types';
import { date, grouped, lengthWords, list, percent } from '../../components/words';
import { plural } from '../../components/words';
import { isCalendar } from './when';

/** The indicator of an objective as it is written. */
export type Definition = Agreement['definitions'][number];

/** How a team, a service or a calendar is called, by its name. */
export type Called = (name: string) => string;

/** An agreement in words. */
export interface Promised {
  /** Who promises whom what, since when. Ends with a colon: the promises follow. */
  opening: string;
  /** One for each objective, in the order of the document. */
  promises: PromisedObjective[];
  /** What holds for all of them: hours, exclusions, reviews, consequences. */
  terms: string[];
}

export interface PromisedObjective {
  name: string;
  title: string;
  sentence: string;
  /** What changes how it is counted; often nothing. */
  notes: string[];
}

/** The agreement in words as of `at`. */
export function promised(agreement: Agreement, at: Date, called: Called = (name) => name): Promised {
  const { timeZone, definitions } = agreement;
  return {
    opening: opening(agreement, called),
    promises: agreement.objectives.map((objective) => ({
      name: objective.name,
      title: objective.displayName || objective.name,
      sentence: sentence(
        objective,
        definitions.find((definition) => definition.objective === objective.name),
        timeZone,
        at,
      ),
      notes: notes(objective, timeZone, at),
    })),
    terms: terms(agreement, called),
  };
}

function opening(agreement: Agreement, called: Called): string {
  const { provider, consumers, service } = agreement;
  if (!provider) {
    return `No agreement names this; it is measured for the service ${called(service)}:`;
  }
  return `${[
    called(provider),
    verb(agreement.stage),
    list(consumers.map(called)),
    `for the service ${called(service)}`,
    effective(agreement),
  ]
    .filter(Boolean)
    .join(' ')}:`;
}

function verb(stage: Agreement['stage']): string {
  switch (stage) {
    case 'draft':
      return 'would promise';
    case 'proposed':
      return 'offers to promise';
    case 'retired':
      return 'promised';
    default:
      return 'promises';
  }
}

function effective({ effectiveFrom, effectiveUntil, timeZone }: Agreement): string {
  const from = effectiveFrom && date(effectiveFrom, timeZone);
  // The instant at which it ends lies outside: midnight ends the day before.
  const until = effectiveUntil && date(new Date(Date.parse(effectiveUntil) - 1).toISOString(), timeZone);
  if (from && until) {
    return `from ${from} until ${until}`;
  }
  if (from) {
    return `from ${from} on`;
  }
  return until ? `until ${until}` : '';
}

/** The target in force at an instant, a ratio. */
export function targetAt({ target, revisions = [] }: Objective, at: Date): number {
  return revisions.filter(({ from }) => new Date(from) <= at).at(-1)?.target ?? target;
}

function sentence(objective: Objective, definition: Definition | undefined, timeZone: string, at: Date): string {
  const what = good(objective, definition, percent(targetAt(objective, at)));
  return `${[what, ...where(objective), when(objective.window, timeZone)].join(', ')}.`;
}

function good(objective: Objective, definition: Definition | undefined, target: string): string {
  const slice = lengthWords(objective.timeSliceWindow ?? '');
  switch (objective.budgeting) {
    case 'Timeslices':
      return goodSlices(objective, definition, target, slice);
    case 'RatioTimeslices':
      return `At least ${target} is good, with every ${slice} counting the same`;
    default:
      return goodEvents(definition, target);
  }
}

function goodSlices(
  { timeSliceTarget = 1 }: Objective,
  definition: Definition | undefined,
  target: string,
  slice: string,
): string {
  const values = { target, slice, share: percent(timeSliceTarget), limit: limit(definition) };
  return definition?.kind === 'threshold'
    ? `At least ${values.target} of all stretches of ${values.slice} are good: for ${values.share} of each the value is ${values.limit}`
    : `At least ${values.target} of all stretches of ${values.slice} are good: in each at least ${values.share} goes well`;
}

function goodEvents(definition: Definition | undefined, target: string): string {
  switch (definition?.kind) {
    case 'threshold':
      return `For at least ${target} of the time the value is ${limit(definition)}`;
    case 'rawSuccess':
    case 'rawFailure':
      return `On average over time at least ${target} is good`;
    default:
      return `At least ${target} of all events are good`;
  }
}

function limit(definition: Definition | undefined): string {
  const value = definition?.value ?? '';
  switch (definition?.op) {
    case 'lt':
      return `below ${value}`;
    case 'lte':
      return `at most ${value}`;
    case 'gt':
      return `above ${value}`;
    default:
      return `at least ${value}`;
  }
}

function where({ select = {}, groupBy = [] }: Objective): string[] {
  const only = Object.entries(select).map(([label, value]) => `${label} = ${value}`);
  return [
    only.length > 0 && `counting only ${list(only)}`,
    groupBy.length > 0 && `in each ${list(groupBy)} on its own`,
  ].filter(isText);
}

function when(window: string, timeZone: string): string {
  return isCalendar(window) ? `each calendar ${window} (${timeZone})` : `in any ${lengthWords(window)} up to now`;
}

function notes(objective: Objective, timeZone: string, at: Date): string[] {
  const { noData, minEvents, minCoverage, unmeasured } = objective;
  return [
    unmeasured && `It is not measured here: ${unmeasured}.`,
    ...revised(objective, timeZone, at),
    noData === 'good' && 'Time that was not measured counts as good.',
    noData === 'bad' && 'Time that was not measured counts as bad.',
    minCoverage && `It is judged only when at least ${percent(minCoverage)} of the time was measured.`,
    minEvents && `Alerts keep quiet with fewer than ${grouped(minEvents)} events.`,
  ].filter(isText);
}

function revised({ target, revisions = [] }: Objective, timeZone: string, at: Date): string[] {
  return revisions.map((revision, index) => {
    const values = {
      date: date(revision.from, timeZone),
      before: percent(index === 0 ? target : revisions[index - 1].target),
      after: percent(revision.target),
    };
    const text =
      new Date(revision.from) <= at
        ? `Changed from ${values.before} to ${values.after} on ${values.date}`
        : `Changes from ${values.before} to ${values.after} on ${values.date}`;
    return revision.reason ? `${text}: ${revision.reason}.` : `${text}.`;
  });
}

function terms(agreement: Agreement, called: Called): string[] {
  const { supportHours, exclusions, reportEvery, reportTo, consequences } = agreement;
  const inEffect = exclusions.filter(({ hasEffect }) => hasEffect).map((one) => one.displayName || one.name);
  return [
    supportHours ? `Only these hours count: ${called(supportHours)}.` : 'It counts around the clock.',
    inEffect.length > 0 &&
      plural(
        inEffect.length,
        `It was agreed that this does not count: ${list(inEffect)}.`,
        `It was agreed that these do not count: ${list(inEffect)}.`,
      ),
    reportEvery && reportTo.length > 0 && `Each ${reportEvery} a report goes to ${list(reportTo.map(called))}.`,
    consequences && `If it is broken: ${consequences}`,
  ].filter(isText);
}

function isText(text: string | number | false | null | undefined): text is string {
  return typeof text === 'string' && text !== '';
}
