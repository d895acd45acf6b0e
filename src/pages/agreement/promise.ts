import { type Agreement, type Objective } from '../../api/types';
import { date, grouped, lengthWords, list, percent } from '../../components/words';
import { plural, t } from '../../locales/t';
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
    return t('agreement.promise.slo', 'No agreement names this; it is measured for the service {{service}}:', {
      service: called(service),
    });
  }
  return `${[
    called(provider),
    verb(agreement.stage),
    list(consumers.map(called)),
    t('agreement.promise.service', 'for the service {{service}}', { service: called(service) }),
    effective(agreement),
  ]
    .filter(Boolean)
    .join(' ')}:`;
}

function verb(stage: Agreement['stage']): string {
  switch (stage) {
    case 'draft':
      return t('agreement.promise.draft', 'would promise');
    case 'proposed':
      return t('agreement.promise.proposed', 'offers to promise');
    case 'retired':
      return t('agreement.promise.retired', 'promised');
    default:
      return t('agreement.promise.active', 'promises');
  }
}

function effective({ effectiveFrom, effectiveUntil, timeZone }: Agreement): string {
  const from = effectiveFrom && date(effectiveFrom, timeZone);
  // The instant at which it ends lies outside: midnight ends the day before.
  const until = effectiveUntil && date(new Date(Date.parse(effectiveUntil) - 1).toISOString(), timeZone);
  if (from && until) {
    return t('agreement.promise.from-until', 'from {{from}} until {{until}}', { from, until });
  }
  if (from) {
    return t('agreement.promise.from', 'from {{from}} on', { from });
  }
  return until ? t('agreement.promise.until', 'until {{until}}', { until }) : '';
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
      return t(
        'agreement.promise.ratio-slices',
        'At least {{target}} is good, with every {{slice}} counting the same',
        {
          target,
          slice,
        },
      );
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
    ? t(
        'agreement.promise.slices-of-time',
        'At least {{target}} of all stretches of {{slice}} are good: for {{share}} of each the value is {{limit}}',
        values,
      )
    : t(
        'agreement.promise.slices',
        'At least {{target}} of all stretches of {{slice}} are good: in each at least {{share}} goes well',
        values,
      );
}

function goodEvents(definition: Definition | undefined, target: string): string {
  switch (definition?.kind) {
    case 'threshold':
      return t('agreement.promise.threshold', 'For at least {{target}} of the time the value is {{limit}}', {
        target,
        limit: limit(definition),
      });
    case 'rawSuccess':
    case 'rawFailure':
      return t('agreement.promise.ratio', 'On average over time at least {{target}} is good', { target });
    default:
      return t('agreement.promise.events', 'At least {{target}} of all events are good', { target });
  }
}

function limit(definition: Definition | undefined): string {
  const value = definition?.value ?? '';
  switch (definition?.op) {
    case 'lt':
      return t('agreement.promise.lt', 'below {{value}}', { value });
    case 'lte':
      return t('agreement.promise.lte', 'at most {{value}}', { value });
    case 'gt':
      return t('agreement.promise.gt', 'above {{value}}', { value });
    default:
      return t('agreement.promise.gte', 'at least {{value}}', { value });
  }
}

function where({ select = {}, groupBy = [] }: Objective): string[] {
  const only = Object.entries(select).map(([label, value]) => `${label} = ${value}`);
  return [
    only.length > 0 && t('agreement.promise.select', 'counting only {{only}}', { only: list(only) }),
    groupBy.length > 0 && t('agreement.promise.group', 'in each {{group}} on its own', { group: list(groupBy) }),
  ].filter(isText);
}

function when(window: string, timeZone: string): string {
  return isCalendar(window)
    ? t('agreement.promise.calendar', 'each calendar {{window}} ({{timeZone}})', { window, timeZone })
    : t('agreement.promise.rolling', 'in any {{length}} up to now', { length: lengthWords(window) });
}

function notes(objective: Objective, timeZone: string, at: Date): string[] {
  const { noData, minEvents, minCoverage, unmeasured } = objective;
  return [
    unmeasured && t('agreement.promise.unmeasured', 'It is not measured here: {{why}}.', { why: unmeasured }),
    ...revised(objective, timeZone, at),
    noData === 'good' && t('agreement.promise.no-data-good', 'Time that was not measured counts as good.'),
    noData === 'bad' && t('agreement.promise.no-data-bad', 'Time that was not measured counts as bad.'),
    minCoverage &&
      t('agreement.promise.coverage', 'It is judged only when at least {{share}} of the time was measured.', {
        share: percent(minCoverage),
      }),
    minEvents &&
      t('agreement.promise.min-events', 'Alerts keep quiet with fewer than {{events}} events.', {
        events: grouped(minEvents),
      }),
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
        ? t('agreement.promise.revised', 'Changed from {{before}} to {{after}} on {{date}}', values)
        : t('agreement.promise.will-be-revised', 'Changes from {{before}} to {{after}} on {{date}}', values);
    return revision.reason ? `${text}: ${revision.reason}.` : `${text}.`;
  });
}

function terms(agreement: Agreement, called: Called): string[] {
  const { supportHours, exclusions, reportEvery, reportTo, consequences } = agreement;
  const inEffect = exclusions.filter(({ hasEffect }) => hasEffect).map((one) => one.displayName || one.name);
  return [
    supportHours
      ? t('agreement.promise.hours', 'Only these hours count: {{hours}}.', { hours: called(supportHours) })
      : t('agreement.promise.always', 'It counts around the clock.'),
    inEffect.length > 0 &&
      plural(
        'agreement.promise.exclusions',
        inEffect.length,
        'It was agreed that this does not count: {{names}}.',
        'It was agreed that these do not count: {{names}}.',
        { names: list(inEffect) },
      ),
    reportEvery &&
      reportTo.length > 0 &&
      t('agreement.promise.report', 'Each {{period}} a report goes to {{teams}}.', {
        period: reportEvery,
        teams: list(reportTo.map(called)),
      }),
    consequences && t('agreement.promise.consequences', 'If it is broken: {{consequences}}', { consequences }),
  ].filter(isText);
}

function isText(text: string | number | false | null | undefined): text is string {
  return typeof text === 'string' && text !== '';
}
