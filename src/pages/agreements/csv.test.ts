import Papa from 'papaparse';
import { catalogOf, figures, reportOf, summary, unknown } from '../../testing/catalog';
import { burnWindowsOf, csvOf } from './csv';
import { agreementRows } from './agreementRow';

const read = (text: string) => Papa.parse<Record<string, string>>(text, { header: true }).data;

const rows = agreementRows(
  catalogOf([
    summary('payments', { displayName: '=HYPERLINK("http://evil")', labels: { tier: '1' }, consumers: ['a', 'b'] }),
    summary('other', { displayName: 'said "so", twice' }),
  ]),
  reportOf([
    {
      name: 'payments',
      state: 'breached',
      objectives: [
        figures('availability', { group: { region: 'eu' }, remaining: -0.5, burn: { '1h': 2, '3d': 1, '5m': '+Inf' } }),
        unknown('latency', { error: '@SUM(A1)\ncould not' }),
      ],
    },
  ]),
);

test('a line an objective, figures as numbers, absent ones empty', () => {
  const [first, second, third] = read(csvOf(rows, burnWindowsOf(rows)));
  expect(first).toMatchObject({
    agreement: 'payments',
    agreement_state: 'breached',
    objective: 'availability',
    group: 'region=eu',
    consumers: 'a b',
    labels: 'tier=1',
    remaining: '-0.5',
    target: '0.99',
    burn_5m: 'Infinity',
    burn_1h: '2',
  });
  expect(second).toMatchObject({ objective: 'latency', compliance: '', remaining: '', burn_1h: '' });
  expect(third).toMatchObject({ agreement: 'other', objective: '', display_name: 'said "so", twice' });
});

test('burn rates stand from the shortest window to the longest', () => {
  expect(burnWindowsOf(rows)).toEqual(['5m', '1h', '3d']);
});

test('no text is a formula to a spreadsheet, on however many lines', () => {
  const [first, second] = read(csvOf(rows, []));
  expect(first.display_name).toBe('\'=HYPERLINK("http://evil")');
  expect(second.error).toBe("'@SUM(A1)\ncould not");
});

test.each(['=1', '+1', '-1', '@a', '\t=1', '\r=1', '\n=1', ' =1', '＝1'])('%j is made harmless', (text) => {
  const evil = agreementRows(catalogOf([summary('a', { displayName: text })]), undefined);
  expect(read(csvOf(evil, []))[0].display_name).toBe(`'${text}`);
});
