import { type ObjectiveStatus } from '../api/types';
import {
  amount,
  budgetLeft,
  counted,
  duration,
  grouped,
  groupWords,
  lengthWords,
  list,
  percent,
  rate,
  reason,
  sentence,
  share,
  windowWords,
} from './words';

test.each([
  [null, '–'],
  [undefined, '–'],
  [1, '100 %'],
  [0, '0 %'],
  [0.995, '99.5 %'],
  [0.9999999, '99.99999 %'], // never 100 %
  [0.99999999, '99.99999 %'],
  [0.99949999, '99.949 %'], // never the target
  [0.9982408, '99.82 %'],
  [0.5, '50 %'],
  [0.1234567, '12.34 %'],
  [-0.001, '−0.1 %'],
  ['+Inf' as const, '∞ %'],
])('%p as a ratio reads %s', (figure, text) => expect(percent(figure)).toBe(text));

test.each([
  [null, '–'],
  [0.1204, '12 %'],
  [0.099, '9.9 %'],
  [-0.00001, '−0.1 %'], // overspent is not 0 %
  [0.99999, '99.9 %'], // begun is not whole
  [1, '100 %'],
  [-1.5, '−150 %'],
  ['-Inf' as const, '−∞ %'],
])('%p as a share of the budget reads %s', (figure, text) => expect(share(figure)).toBe(text));

test.each([
  [0, '0 s'],
  [0.4, '0 s'],
  [59, '59 s'],
  [760, '12 m 40 s'],
  [2592, '43 m 12 s'],
  [3600, '1 h'],
  [7260, '2 h 1 m'],
  [183600, '2 d 3 h'],
  [-90, '−1 m 30 s'],
  [Infinity, '∞'],
])('%p seconds read %s', (seconds, text) => expect(duration(seconds)).toBe(text));

test.each([
  [0, '0'],
  [-0.01, '0'],
  [18.34, '18.3'],
  [999.96, '1,000'],
  [1234.5, '1,235'],
  [-1234, '−1,234'],
])('%p reads %s', (value, text) => expect(grouped(value)).toBe(text));

test.each([
  [null, '–'],
  [0, '0'],
  [14.4321, '14.4'],
  [0.35412, '0.354'],
  [1234.5, '1,235'],
  ['+Inf' as const, '∞'],
])('a burn rate of %p reads %s', (figure, text) => expect(rate(figure)).toBe(text));

test('counts have their unit, in the singular where there is one', () => {
  expect(counted(1, 'events')).toBe('1 event');
  expect(counted(1200, 'events')).toBe('1,200 events');
  expect(counted(1, 'slices')).toBe('1 slice');
  expect(counted(760, 'seconds')).toBe('12 m 40 s');
  expect(counted(null, 'events')).toBe('–');
  expect(amount(18.3, 'slices')).toBe('18.3');
});

test.each([
  [{ allowed: 2592, bad: 1832, remaining: 0.293, unit: 'seconds' as const }, '12 m 40 s of 43 m 12 s'],
  [{ allowed: 1000, bad: 880, remaining: 0.12, unit: 'events' as const }, '120 of 1,000 events'],
  [{ allowed: 100, bad: 120, remaining: -0.2, unit: 'events' as const }, '−20 of 100 events'],
  [{ allowed: 0, bad: 0, remaining: 1, unit: 'events' as const }, 'none allowed'],
  [{ allowed: 0, bad: 3, remaining: '-Inf' as const, unit: 'events' as const }, '−3 events, none allowed'],
  [{ allowed: null, bad: null, remaining: null, unit: 'events' as const }, '–'],
])('the budget %p reads %s', (objective, text) => expect(budgetLeft(objective)).toBe(text));

test.each([
  ['28d', 'the last 28 days'],
  ['1d', 'the last 1 day'],
  ['6h', 'the last 6 hours'],
  ['4w', 'the last 4 weeks'],
  ['month', 'this month'],
  ['day', 'today'],
  ['month:-1', 'the last full month'],
  ['week:-3', 'the week 3 before this one'],
  ['1d12h', 'the last 1d12h'],
])('the window %s reads %s', (window, text) => expect(windowWords(window)).toBe(text));

test('lengths, lists and groups', () => {
  expect(lengthWords('90d')).toBe('90 days');
  expect(lengthWords('1w')).toBe('1 week');
  expect(list(['a', 'b', 'c'])).toBe('a, b, and c');
  expect(groupWords({ tier: '1', region: 'eu' })).toBe('region=eu, tier=1');
  expect(groupWords({})).toBe('');
});

test('a sentence has a capital and a full stop, and no second one', () => {
  expect(sentence('more was bad')).toBe('More was bad.');
  expect(sentence('Is it?')).toBe('Is it?');
  expect(sentence('')).toBe('');
});

const status = (over: Partial<ObjectiveStatus>): ObjectiveStatus => ({
  name: 'availability',
  group: {},
  state: 'met',
  from: '2026-11-01T00:00:00Z',
  to: '2026-11-24T12:00:00Z',
  window: 'month',
  unit: 'seconds',
  target: 0.999,
  total: 1e6,
  bad: 100,
  compliance: 0.9999,
  allowed: 1000,
  consumed: 0.1,
  remaining: 0.9,
  projected: null,
  coverage: 1,
  measuredUntil: '2026-11-24T12:00:00Z',
  remarks: [],
  burn: {},
  exhaustion: null,
  raw: { total: null, bad: null, compliance: null },
  error: null,
  ...over,
});

test.each<[string, Partial<ObjectiveStatus>, string]>([
  ['met', {}, 'Kept: 99.99 % good, 99.9 % promised.'],
  ['breached', { state: 'breached', bad: 3600, allowed: 2592 }, '1 h bad in this month; the promise allows 43 m 12 s.'],
  [
    'breached without any budget',
    { state: 'breached', unit: 'events', bad: 1, allowed: 0, window: '7d' },
    '1 event bad in the last 7 days, though none may be.',
  ],
  [
    'at risk',
    { state: 'at_risk', reason: '12.0 % of the error budget is left', exhaustion: '2026-11-28T15:58:40Z' },
    '12.0 % of the error budget is left. At this rate the error budget is spent by 28 Nov 2026, 15:58.',
  ],
  ['no data', { state: 'no_data', reason: 'no events in the window' }, 'No events in the window.'],
  ['failed', { state: 'no_data', error: 'timeout' }, 'It could not be measured: timeout.'],
  [
    'inactive',
    { state: 'inactive', reason: 'the agreement ended on 1 July 2026' },
    'The agreement ended on 1 July 2026.',
  ],
  ['inactive without a reason', { state: 'inactive' }, 'Nothing is known of it.'],
])('why it is %s', (_, over, text) => expect(reason(status(over))).toBe(text));
