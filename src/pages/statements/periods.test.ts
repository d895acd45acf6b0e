import { periods } from './periods';

const now = Date.parse('2026-11-23T12:00:00Z');

test.each([
  ['week', ['2026-W48', '2026-W47', '2026-W46']],
  ['month', ['2026-11', '2026-10', '2026-09']],
  ['quarter', ['2026-Q4', '2026-Q3', '2026-Q2']],
  ['year', ['2026', '2025', '2024']],
] as const)('the periods by %s, the present one first', (unit, names) => {
  expect(
    periods(unit, now)
      .slice(0, 3)
      .map(({ name }) => name),
  ).toEqual(names);
});

test('the present one is told to date, a past one as of when it was over in every time zone', () => {
  const [present, past] = periods('month', now);
  expect(present).toMatchObject({ window: 'month', closed: false });
  expect(present.at).toBeUndefined();
  expect(past).toMatchObject({ window: 'month:-1', at: '2026-11-02T12:00:00.000Z', closed: true });
});

test('of one that has just ended nothing later than now is asked', () => {
  const [, past] = periods('month', Date.parse('2026-11-01T06:00:00Z'));
  expect(past).toMatchObject({ name: '2026-10', window: 'month:-1', at: undefined });
});

test('the last week of a year has the year of its Thursday', () => {
  expect(periods('week', Date.parse('2027-01-01T12:00:00Z'))[0].name).toBe('2026-W53');
});
