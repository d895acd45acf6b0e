import { sentence } from './sentence';
import { type Query } from './types';

const cases: Array<[Partial<Query>, string]> = [
  [
    { queryType: 'status' },
    'State, compliance, error budget and burn rates of every objective at the end of the time range, in the window of each objective.',
  ],
  [
    { queryType: 'budget', agreements: ['payments-for-checkout'], window: { rolling: '30d' } },
    'Error budget left over time of every objective of payments-for-checkout, over the last 30d.',
  ],
  [
    { queryType: 'compliance', agreements: ['a', 'b'], objectives: ['availability'], scope: 'raw' },
    'Compliance over time of objective availability of a or b, in the window of each objective, raw: without support hours and exclusions.',
  ],
  [
    { queryType: 'burnRate', burnWindows: ['1h', '6h'] },
    'Burn rate over time of every objective, measured over 1h and 6h.',
  ],
  [
    { queryType: 'alert', severity: 'page', providers: ['payments'] },
    'Alert value for severity page of every objective: above 1 when the error budget burns faster than its alerts allow, provided by payments.',
  ],
  [
    { queryType: 'alert', severity: 'notice', agreements: ['a'] },
    'Notices of every objective of a: above 1 when half, three quarters or all of the error budget is spent, a breach is to be expected, or a review is due in 14 days.',
  ],
  [
    { queryType: 'alert' },
    'Alert value for each severity of every objective: above 1 when the error budget burns faster than its alerts allow.',
  ],
  [
    { queryType: 'history', window: { calendar: 'quarter' }, periods: 4 },
    'The last 4 periods of every objective, one row each, by quarter.',
  ],
  [{ queryType: 'history' }, 'The last 12 periods of every objective, one row each.'],
  [
    { queryType: 'status', window: { calendar: 'month', offset: -1 } },
    'State, compliance, error budget and burn rates of every objective at the end of the time range, in the last whole month.',
  ],
  [
    { queryType: 'status', window: { calendar: 'month', offset: -3 } },
    'State, compliance, error budget and burn rates of every objective at the end of the time range, in the month 3 months ago.',
  ],
  [
    { queryType: 'incidents', consumers: ['$consumer'], labels: ['tier=1'] },
    'When in the time range the error budget of every objective burned, consumed by $consumer, with label tier=1.',
  ],
  [{ queryType: 'events' }, 'What was good and what was bad in each step of every objective.'],
  [{ queryType: 'sli' }, 'Share of good events in each step of every objective.'],
  [
    { queryType: 'agreements', services: ['/^pay/'] },
    'The catalog: all agreements as they are written, of service /^pay/.',
  ],
  [
    { queryType: 'exclusions', agreements: ['payments-for-checkout'] },
    'Time in the range that was agreed not to count for payments-for-checkout.',
  ],
];

test.each(cases)('%j', (query, words) => {
  expect(sentence({ refId: 'A', schemaVersion: 1, ...query } as Query)).toBe(words);
});
