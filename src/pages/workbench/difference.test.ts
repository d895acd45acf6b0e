import { type Effect, type ObjectiveStatus } from '../../api/types';
import { differences } from './difference';

const status = (change: Partial<ObjectiveStatus> = {}) =>
  ({
    name: 'availability',
    group: {},
    state: 'met',
    unit: 'events',
    target: 0.99,
    compliance: 0.995,
    allowed: 100,
    bad: 50,
    remaining: 0.5,
    error: null,
    ...change,
  }) as ObjectiveStatus;

const figures = (...objectives: ObjectiveStatus[]) => ({ last90Days: { objectives }, months: [] });

const words = (before: ObjectiveStatus[] | null, after: ObjectiveStatus[] | null) =>
  differences({
    kind: 'Agreement',
    name: 'a',
    before: before && figures(...before),
    after: after && figures(...after),
  } as unknown as Effect).map((one) => one.words.join(' '));

test('what changes is told, and nothing else', () => {
  expect(words([status()], [status({ target: 0.999, remaining: -4, allowed: 10, state: 'breached' })])).toEqual([
    'The target would be 99.9 % instead of 99 %. Of the error budget −40 of 10 events would be left instead of 50 of 100 events. It would have been breached instead of met.',
  ]);
  expect(words([status()], [status()])).toEqual(['Over the last 90 days it would have made no difference.']);
});

test('what is new and what goes is told', () => {
  expect(words(null, [status()])).toEqual([
    'It is new. Over the last 90 days 99.5 % was good, with a target of 99 %: met.',
  ]);
  expect(words([status()], null)).toEqual(['It would no longer be promised.']);
});

test('what could not be measured is said, and is no figure', () => {
  expect(words([status()], [status({ compliance: null, error: 'no such metric' })])).toEqual([
    'It cannot be measured: no such metric',
  ]);
  expect(words(null, [status({ state: 'no_data', compliance: null, reason: 'the query has no series' })])).toEqual([
    'It is new, and nothing of the last 90 days is known: the query has no series.',
  ]);
});

test('groups are told apart', () => {
  const of = (region: string) => status({ group: { region } });
  expect(words([of('eu'), of('us')], [of('eu')])).toEqual([
    'Over the last 90 days it would have made no difference.',
    'It would no longer be promised.',
  ]);
});
