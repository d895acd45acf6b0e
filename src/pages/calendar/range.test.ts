import { dateOf, isDate, rangeAround, turned } from './range';

const dates = (view: 'week' | 'month', date: string) =>
  rangeAround(view, date, 'Europe/Berlin').days.map((day) => day.date);

test('a week begins on Monday', () => {
  expect(dates('week', '2026-11-26')).toEqual([
    '2026-11-23',
    '2026-11-24',
    '2026-11-25',
    '2026-11-26',
    '2026-11-27',
    '2026-11-28',
    '2026-11-29',
  ]);
  expect(dates('week', '2026-11-23')[0]).toBe('2026-11-23');
  expect(dates('week', '2026-11-29')[0]).toBe('2026-11-23');
});

test('a month is shown in whole weeks', () => {
  const days = dates('month', '2026-11-26');
  expect([days[0], days.at(-1), days.length]).toEqual(['2026-10-26', '2026-12-06', 42]);
  expect(dates('month', '2027-02-10')).toHaveLength(28);
});

test('days are as long as the clock has them', () => {
  const hours = (date: string) => {
    const day = rangeAround('week', date, 'Europe/Berlin').days.find((one) => one.date === date)!;
    return (day.to - day.from) / 3_600_000;
  };
  expect([hours('2026-10-25'), hours('2026-03-29'), hours('2026-11-26')]).toEqual([25, 23, 24]);
});

test('turning goes by weeks and by months', () => {
  expect(turned('week', '2026-12-30', 1)).toBe('2027-01-06');
  expect(turned('month', '2026-12-31', 1)).toBe('2027-01-01');
  expect(turned('month', '2026-03-31', -1)).toBe('2026-02-01');
});

test('an instant has the day of the time zone', () => {
  expect(dateOf(Date.parse('2026-11-25T23:30:00Z'), 'Europe/Berlin')).toBe('2026-11-26');
});

test.each([
  ['2026-11-26', true],
  ['2026-13-40', false],
  ['today', false],
  [null, false],
])('%s', (text, is) => {
  expect(isDate(text)).toBe(is);
});
