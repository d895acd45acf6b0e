import { type Query, type QueryType, type QueryWindow, type FilterField } from './types';

/** The sentence under the editor: what the query means, in plain words. */
export function sentence(query: Query): string {
  const parts = [subject(query), ...filterWords(query), windowWords(query), scopeWords(query)];
  return parts.filter(Boolean).join(', ') + '.';
}

function subject(query: Query): string {
  switch (query.queryType) {
    case 'status':
      return `State, compliance, error budget and burn rates of ${objectives(query)} at the end of the time range`;
    case 'compliance':
      return `Compliance over time of ${objectives(query)}`;
    case 'budget':
      return `Error budget left over time of ${objectives(query)}`;
    case 'burnRate':
      return `Burn rate over time of ${objectives(query)}, measured over ${list(burnWindows(query), 'and')}`;
    case 'alert':
      return query.severity === 'notice'
        ? `Notices of ${objectives(query)}: above 1 when half, three quarters or all of the error budget is spent, a breach is to be expected, or a review is due in 14 days`
        : `${severityWords(query.severity)} of ${objectives(query)}: above 1 when the error budget burns faster than its alerts allow`;
    case 'sli':
      return `Share of good events in each step of ${objectives(query)}`;
    case 'events':
      return `What was good and what was bad in each step of ${objectives(query)}`;
    case 'history':
      return `The last ${query.periods || 12} periods of ${objectives(query)}, one row each`;
    case 'incidents':
      return `When in the time range the error budget of ${objectives(query)} burned`;
    case 'exclusions':
      return `Time in the range that was agreed not to count for ${agreements(query)}`;
    case 'agreements':
      return `The catalog: ${agreements(query)} as they are written`;
    default:
      return `Query type ${query.queryType}, which this version does not know`;
  }
}

function objectives(query: Query): string {
  const named = query.objectives?.length ? `objective ${list(query.objectives, 'or')}` : 'every objective';
  return query.agreements?.length ? `${named} of ${list(query.agreements, 'or')}` : named;
}

function agreements(query: Query): string {
  return query.agreements?.length ? list(query.agreements, 'or') : 'all agreements';
}

const filterPhrases: Array<[FilterField, string]> = [
  ['services', 'of service'],
  ['providers', 'provided by'],
  ['consumers', 'consumed by'],
  ['labels', 'with label'],
];

function filterWords(query: Query): string[] {
  return filterPhrases.flatMap(([field, phrase]) => {
    const values = query[field];
    return values?.length ? [`${phrase} ${list(values, 'or')}`] : [];
  });
}

/** Query types whose answers know no window: what is written, or what was counted from step to step. */
export const withoutWindow: QueryType[] = ['agreements', 'exclusions', 'incidents', 'sli', 'events'];

function windowWords({ window, queryType }: Query): string {
  if (withoutWindow.includes(queryType)) {
    return '';
  }
  if (queryType === 'history') {
    return window?.calendar ? `by ${window.calendar}` : '';
  }
  return (
    describeWindow(window) ??
    (queryType === 'alert' || queryType === 'burnRate' ? '' : 'in the window of each objective')
  );
}

function describeWindow(window?: QueryWindow): string | undefined {
  if (window?.rolling) {
    return `over the last ${window.rolling}`;
  }
  if (!window?.calendar) {
    return undefined;
  }
  const offset = window.offset ?? 0;
  if (offset === 0) {
    return `in the current ${window.calendar}`;
  }
  return offset === -1
    ? `in the last whole ${window.calendar}`
    : `in the ${window.calendar} ${-offset} ${window.calendar}s ago`;
}

function scopeWords({ scope, queryType }: Query): string {
  if (queryType === 'agreements' || queryType === 'exclusions') {
    return '';
  }
  return scope === 'raw' ? 'raw: without support hours and exclusions' : '';
}

function severityWords(severity?: string): string {
  return severity === 'page' || severity === 'ticket'
    ? `Alert value for severity ${severity}`
    : 'Alert value for each severity';
}

/** Windows that the backend takes when the query names none. */
export const defaultBurnWindows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];

function burnWindows(query: Query): string[] {
  return query.burnWindows?.length ? query.burnWindows : defaultBurnWindows;
}

function list(names: string[], word: 'and' | 'or'): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${word} ${names[names.length - 1]}`;
}
