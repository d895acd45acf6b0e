import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type StatementEntry, type StatementList, type Verification } from '../../api/types';
import { csvText } from '../../components/csv';
import { catalogOf, figures, reportOf, summary, unknown } from '../../testing/catalog';
import { type Answer, Refused, showPage } from '../../testing/page';
import { csvLines, rows } from './rows';
import StatementsPage from './StatementsPage';

const agreements = [
  summary('cards', { displayName: 'Cards' }),
  summary('refunds', { displayName: 'Refunds' }),
  summary('later', { displayName: 'Later' }),
];

const report = reportOf([
  {
    name: 'cards',
    state: 'met',
    objectives: [figures('availability', { compliance: 0.9961, raw: { total: 1, bad: 0, compliance: 0.99 } })],
  },
  { name: 'refunds', state: 'no_data', objectives: [unknown('availability', { error: 'connection refused' })] },
  { name: 'later', state: 'inactive', objectives: [unknown('availability', { state: 'inactive' })] },
]);

/** Frozen when one event less had been counted as bad. */
const frozen: StatementEntry = {
  agreement: 'cards',
  period: '2026-10',
  number: 1,
  file: 'statements/2026-10/cards.json',
  digest: 'sha256:abcdef',
  from: '2026-10-01T00:00:00Z',
  to: '2026-11-01T00:00:00Z',
  frozenAt: '2026-11-02T09:00:00Z',
  frozenBy: 'anna',
  state: 'met',
  objectives: [{ ...figures('availability', { bad: 39, compliance: 0.9962 }) }],
};

const list = (more: Partial<StatementList> = {}): StatementList => ({
  mayFreeze: true,
  statements: [],
  unfrozen: [
    { agreement: 'cards', closed: true },
    { agreement: 'refunds', closed: true },
  ],
  ...more,
});

const answers: Record<string, Answer> = { catalog: catalogOf(agreements), status: report, statements: list() };

function show(more: Record<string, Answer> = {}, search = '?by=month&period=2026-10') {
  return showPage(<StatementsPage />, { ...answers, ...more }, `/statements${search}`);
}

const rowOf = async (name: string) => within((await screen.findByRole('link', { name })).closest('tr')!);

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-23T12:00:00Z'));
});

test('the last whole month, adjusted beside raw; what was not promised then is left out', async () => {
  const { requests } = show({}, '');
  const cards = await rowOf('Cards');
  expect(cards.getByText('99.61 %')).toBeVisible();
  expect(cards.getByText('99 %', { selector: 'td:nth-of-type(6) *' })).toBeVisible();
  expect(screen.queryByRole('link', { name: 'Later' })).not.toBeInTheDocument();
  const asked = requests.map(({ url }) => url).find((url) => url.includes('/status'));
  expect(asked).toContain('window=month%3A-1&at=2026-11-02T12%3A00%3A00.000Z');
});

test('what could not be measured says why, and shows no figure', async () => {
  show();
  const refunds = await rowOf('Refunds');
  expect(refunds.getByText('Connection refused.')).toBeVisible();
  expect(refunds.getAllByText('–')).toHaveLength(2); // compliance and raw
});

test('another kind of period is kept in the URL', async () => {
  const { address } = show();
  await userEvent.click(await screen.findByRole('radio', { name: 'Quarter' }));
  expect(address()).toBe('/statements?by=quarter');
});

test('what was frozen is shown as it was frozen', async () => {
  show({ statements: list({ statements: [frozen], unfrozen: [] }) });
  const cards = await rowOf('Cards');
  expect(cards.getByText(/Frozen 2 Nov 2026, .* by anna/)).toBeVisible();
  expect(cards.getByText('99.62 %')).toBeVisible();
});

test('what was frozen is there also while nothing can be measured', async () => {
  show({ status: new Refused(502, 'connection refused'), statements: list({ statements: [frozen], unfrozen: [] }) });
  expect(await screen.findByText('The period cannot be measured just now')).toBeVisible();
  expect((await rowOf('Cards')).getByText('99.62 %')).toBeVisible();
});

test('an editor freezes one, after a word of what that means', async () => {
  const { requests } = show();
  await userEvent.click(await screen.findByRole('button', { name: 'Freeze Cards' }));
  const dialog = within(screen.getByRole('dialog'));
  expect(dialog.getByText(/It cannot be changed afterwards/)).toBeVisible();
  await userEvent.click(dialog.getByRole('button', { name: 'Freeze' }));
  await waitFor(() => expect(requests.some(({ method }) => method === 'POST')).toBe(true));
  expect(requests.find(({ method }) => method === 'POST')?.data).toEqual({ agreement: 'cards', period: '2026-10' });
});

test('who may not freeze is told why, and has no button', async () => {
  show({ statements: list({ mayFreeze: false, reason: 'only Editors and Admins may' }) });
  expect(await screen.findByText('You cannot freeze here: only Editors and Admins may.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Freeze/ })).not.toBeInTheDocument();
});

test('verifying names what differs, and a restatement needs a reason', async () => {
  const verification: Verification = {
    agreement: 'cards',
    period: '2026-10',
    number: 1,
    digest: 'sha256:abcdef',
    frozenAt: frozen.frozenAt,
    verified: false,
    basis: 'engine',
    differences: [{ kind: 'samples', text: 'One event more was counted on 7 October.' }],
    notes: [],
    figures: [],
  };
  show({
    statements: list({ statements: [frozen], unfrozen: [] }),
    'statements/2026-10/cards/verify': verification,
  });
  await userEvent.click((await rowOf('Cards')).getByRole('button', { name: 'Verify' }));
  expect(await screen.findByText('1 thing differs')).toBeVisible();
  expect(screen.getByText('One event more was counted on 7 October.')).toBeVisible();
  const restate = screen.getByRole('button', { name: 'Restate' });
  expect(restate).toBeDisabled();
  await userEvent.type(screen.getByLabelText(/Reason for a restatement/), 'late samples');
  expect(restate).toBeEnabled();
});

test('as CSV an absent figure is an empty cell, and the statement is named', () => {
  const text = csvText(csvLines('2026-10', rows(agreements, report, list({ statements: [frozen], unfrozen: [] }))));
  const [head, cards, refunds] = text.split('\r\n');
  expect(head).toContain('compliance,raw_compliance');
  expect(cards).toContain('sha256:abcdef');
  expect(refunds).toContain('no_data,events,0.99,,,,,,,0,connection refused');
});
