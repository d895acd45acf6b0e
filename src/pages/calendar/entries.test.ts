import { type CalendarExclusion, type CalendarHours } from '../../api/types';
import { entriesOf, approvalStateOf } from './entries';
import { rangeAround } from './range';

const { days } = rangeAround('week', '2026-11-26', 'UTC');

const exclusion = (name: string, ...occurrences: Array<[string, string]>) =>
  ({
    name,
    occurrences: occurrences.map(([from, to]) => ({ from, to })),
    concerns: [],
  }) as unknown as CalendarExclusion;

const told = (of: CalendarExclusion[]) =>
  entriesOf(days, of).flatMap(({ day, exclusions }) =>
    exclusions.map(
      (one) =>
        `${day.date} ${one.exclusion.name} ${new Date(one.from).toISOString().slice(11, 16)}–${new Date(one.to).toISOString().slice(11, 16)} ${one.lane}/${one.lanes}`,
    ),
  );

test('what goes over midnight is on both days', () => {
  expect(told([exclusion('a', ['2026-11-24T22:00:00Z', '2026-11-25T02:00:00Z'])])).toEqual([
    '2026-11-24 a 22:00–00:00 0/1',
    '2026-11-25 a 00:00–02:00 0/1',
  ]);
});

test('what is at the same time stands side by side, what follows has all the room', () => {
  expect(
    told([
      exclusion('a', ['2026-11-24T01:00:00Z', '2026-11-24T03:00:00Z']),
      exclusion('b', ['2026-11-24T02:00:00Z', '2026-11-24T05:00:00Z']),
      exclusion('c', ['2026-11-24T03:00:00Z', '2026-11-24T04:00:00Z']),
      exclusion('d', ['2026-11-24T05:00:00Z', '2026-11-24T06:00:00Z']),
    ]),
  ).toEqual([
    '2026-11-24 a 01:00–03:00 0/2',
    '2026-11-24 b 02:00–05:00 1/2',
    '2026-11-24 c 03:00–04:00 0/2',
    '2026-11-24 d 05:00–06:00 0/1',
  ]);
});

test('support hours and holidays are those of the day', () => {
  const hours = {
    spans: [{ from: '2026-11-24T07:00:00Z', to: '2026-11-24T17:00:00Z' }],
    holidays: [{ date: '2026-11-25', name: 'Founding day' }, { date: '2026-11-26' }],
  } as CalendarHours;
  const got = entriesOf(days, [], hours);
  expect(got[1].hours).toHaveLength(1);
  expect(got.map(({ holiday }) => holiday)).toEqual([
    undefined,
    undefined,
    'Founding day',
    '',
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ['approved', [true, true]],
  ['partly', [true, false]],
  ['proposed', [false]],
  ['void', []],
])('an exclusion is %s', (state, effects) => {
  const concerns = effects.map((hasEffect, i) => ({ agreement: String(i), hasEffect }));
  expect(approvalStateOf({ ...exclusion('a'), concerns })).toBe(state);
});
