import { t } from '../locales/t';

/** The terms that have an explanation. */
export type TermName =
  | 'sli'
  | 'slo'
  | 'sla'
  | 'objective'
  | 'target'
  | 'compliance'
  | 'budget'
  | 'burnRate'
  | 'window'
  | 'exhaustion'
  | 'projected'
  | 'coverage'
  | 'adjusted'
  | 'raw'
  | 'exclusion'
  | 'supportHours'
  | 'state'
  | 'stage'
  | 'provider'
  | 'consumer'
  | 'incident';

/** A term as a heading. */
export function termTitle(name: TermName): string {
  return texts()[name][0];
}

/** What a term means, for someone who never read about it. */
export function explanation(name: TermName): string {
  return texts()[name][1];
}

// Asked for on render, since the language is known only then.
function texts(): Record<TermName, [title: string, text: string]> {
  return {
    sli: [
      t('term.sli', 'Service level indicator (SLI)'),
      t(
        'term.sli-text',
        'What is measured: the share of good things among all things, for example of requests that were answered, or of minutes in which a system was up.',
      ),
    ],
    slo: [
      t('term.slo', 'Service level objective (SLO)'),
      t(
        'term.slo-text',
        'A goal for what is measured, such as «99.9 % of requests are answered». Put into an agreement between two teams, it becomes a promise.',
      ),
    ],
    sla: [
      t('term.sla', 'Service level agreement (SLA)'),
      t(
        'term.sla-text',
        'What one team promises to others about a service: which goals, over which time, when it counts, and what follows when it is not kept.',
      ),
    ],
    objective: [
      t('term.objective', 'Objective'),
      t(
        'term.objective-text',
        'One promise of an agreement: what is measured, how much of it has to be good, and over which time.',
      ),
    ],
    target: [
      t('term.target', 'Target'),
      t(
        'term.target-text',
        'How much has to be good. A target of 99.9 % means that one in a thousand may fail without breaking the promise.',
      ),
    ],
    compliance: [
      t('term.compliance', 'Compliance'),
      t('term.compliance-text', 'How much really was good. At or above the target the promise is kept.'),
    ],
    budget: [
      t('term.budget', 'Error budget'),
      t(
        'term.budget-text',
        'How much may go wrong before the promise is broken. With 99.9 % of a month of 30 days that is 43 minutes and 12 seconds. What is left of it can be spent: on releases, on repairs, on bad luck.',
      ),
    ],
    burnRate: [
      t('term.burn-rate', 'Burn rate'),
      t(
        'term.burn-rate-text',
        'How fast the error budget is being used up. At 1 it lasts exactly as long as was agreed; at 10 it is gone in a tenth of that time; below 1 some will be left.',
      ),
    ],
    window: [
      t('term.window', 'Window'),
      t(
        'term.window-text',
        'The time over which is counted: the last so many days, moving on with every minute, or a calendar month, which starts afresh.',
      ),
    ],
    exhaustion: [
      t('term.exhaustion', 'Budget spent'),
      t(
        'term.exhaustion-text',
        'When nothing will be left of the error budget if things go on as in the last hours. Empty when it lasts.',
      ),
    ],
    projected: [
      t('term.projected', 'Forecast'),
      t(
        'term.projected-text',
        'The compliance to expect at the end of the period, if the rest of it goes like the last seven days.',
      ),
    ],
    coverage: [
      t('term.coverage', 'Coverage'),
      t(
        'term.coverage-text',
        'The share of the time for which there are measurements. The rest is unknown: neither good nor bad.',
      ),
    ],
    adjusted: [
      t('term.adjusted', 'Adjusted'),
      t(
        'term.adjusted-text',
        'Counted only when the agreement says that it counts: within support hours, and without the time that both sides agreed to leave out.',
      ),
    ],
    raw: [
      t('term.raw', 'Raw'),
      t('term.raw-text', 'Counted around the clock, whatever was agreed to be left out. For comparison.'),
    ],
    exclusion: [
      t('term.exclusion', 'Exclusion'),
      t(
        'term.exclusion-text',
        'Time that both sides agreed does not count, such as planned maintenance. It takes effect when the other side has approved it.',
      ),
    ],
    supportHours: [
      t('term.support-hours', 'Support hours'),
      t(
        'term.support-hours-text',
        'The hours in which the promise holds. What happens outside of them does not count.',
      ),
    ],
    state: [
      t('term.state', 'State'),
      t(
        'term.state-text',
        'Breached: more went wrong than was allowed. At risk: it still holds, but little budget is left, or it is going fast. No data: nothing could be measured. Met: the promise is kept. Inactive: nothing is promised at present. An agreement is as well as its worst objective.',
      ),
    ],
    stage: [
      t('term.stage', 'Stage'),
      t(
        'term.stage-text',
        'Where an agreement is in its life: draft, proposed to the other side, active, retired. Only active ones are a promise.',
      ),
    ],
    provider: [t('term.provider', 'Provider'), t('term.provider-text', 'The team that makes the promise.')],
    consumer: [t('term.consumer', 'Consumers'), t('term.consumer-text', 'The teams to which the promise is made.')],
    incident: [
      t('term.incident', 'Incident'),
      t(
        'term.incident-text',
        'A stretch of time in which the error budget was used up faster than it lasts, and at least a hundredth of it was lost.',
      ),
    ],
  };
}
