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
      'Service level indicator (SLI)',
      'What is measured: the share of good things among all things, for example of requests that were answered, or of minutes in which a system was up.',
    ],
    slo: [
      'Service level objective (SLO)',
      'A goal for what is measured, such as «99.9 % of requests are answered». Put into an agreement between two teams, it becomes a promise.',
    ],
    sla: [
      'Service level agreement (SLA)',
      'What one team promises to others about a service: which goals, over which time, when it counts, and what follows when it is not kept.',
    ],
    objective: [
      'Objective',
      'One promise of an agreement: what is measured, how much of it has to be good, and over which time.',
    ],
    target: [
      'Target',
      'How much has to be good. A target of 99.9 % means that one in a thousand may fail without breaking the promise.',
    ],
    compliance: ['Compliance', 'How much really was good. At or above the target the promise is kept.'],
    budget: [
      'Error budget',
      'How much may go wrong before the promise is broken. With 99.9 % of a month of 30 days that is 43 minutes and 12 seconds. What is left of it can be spent: on releases, on repairs, on bad luck.',
    ],
    burnRate: [
      'Burn rate',
      'How fast the error budget is being used up. At 1 it lasts exactly as long as was agreed; at 10 it is gone in a tenth of that time; below 1 some will be left.',
    ],
    window: [
      'Window',
      'The time over which is counted: the last so many days, moving on with every minute, or a calendar month, which starts afresh.',
    ],
    exhaustion: [
      'Budget spent',
      'When nothing will be left of the error budget if things go on as in the last hours. Empty when it lasts.',
    ],
    projected: [
      'Forecast',
      'The compliance to expect at the end of the period, if the rest of it goes like the last seven days.',
    ],
    coverage: [
      'Coverage',
      'The share of the time for which there are measurements. The rest is unknown: neither good nor bad.',
    ],
    adjusted: [
      'Adjusted',
      'Counted only when the agreement says that it counts: within support hours, and without the time that both sides agreed to leave out.',
    ],
    raw: ['Raw', 'Counted around the clock, whatever was agreed to be left out. For comparison.'],
    exclusion: [
      'Exclusion',
      'Time that both sides agreed does not count, such as planned maintenance. It takes effect when the other side has approved it.',
    ],
    supportHours: [
      'Support hours',
      'The hours in which the promise holds. What happens outside of them does not count.',
    ],
    state: [
      'State',
      'Breached: more went wrong than was allowed. At risk: it still holds, but little budget is left, or it is going fast. No data: nothing could be measured. Met: the promise is kept. Inactive: nothing is promised at present. An agreement is as well as its worst objective.',
    ],
    stage: [
      'Stage',
      'Where an agreement is in its life: draft, proposed to the other side, active, retired. Only active ones are a promise.',
    ],
    provider: ['Provider', 'The team that makes the promise.'],
    consumer: ['Consumers', 'The teams to which the promise is made.'],
    incident: [
      'Incident',
      'A stretch of time in which the error budget was used up faster than it lasts, and at least a hundredth of it was lost.',
    ],
  };
}
