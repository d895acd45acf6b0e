import { type BusEventWithPayload, type EventBus } from '@grafana/data';
import { setAppEvents } from '@grafana/runtime';
import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  type PeriodFigures,
  type PeriodRow,
  type PeriodStatements,
  type StatementEntry,
  type Verification,
} from '../../api/types';
import { type Answer, Refused, showPage } from '../../testing/page';
import StatementsPage from './StatementsPage';

const figures: PeriodFigures = {
  objective: 'Availability',
  state: 'met',
  unit: 'events',
  target: 0.99,
  compliance: 0.9962,
  raw: 0.9811,
  bad: 39,
  allowed: 100,
  remaining: 0.61,
  coverage: 1,
  remarks: [],
};

const statement: StatementEntry = {
  agreement: 'cards',
  displayName: 'Cards',
  service: 'cards-api',
  provider: 'payments',
  consumers: ['checkout'],
  period: '2026-10',
  number: 1,
  file: 'statements/2026-10/cards.json',
  digest: 'sha256:abcdef',
  from: '2026-10-01T00:00:00Z',
  to: '2026-11-01T00:00:00Z',
  frozenAt: '2026-11-02T09:00:00Z',
  frozenBy: 'anna',
  state: 'met',
  objectives: [],
};

const row = (name: string, displayName: string, more: Partial<PeriodRow> = {}): PeriodRow => ({
  agreement: { name, displayName },
  provider: { name: 'payments', displayName: 'Payments' },
  consumers: [{ name: 'checkout' }],
  state: 'met',
  objectives: [figures],
  moreObjectives: 0,
  statement: null,
  open: true,
  ...more,
});

const unmeasured = {
  ...figures,
  state: 'no_data',
  compliance: null,
  raw: null,
  remaining: null,
  coverage: null,
} as const;

const period: PeriodStatements = {
  at: '2026-11-23T12:00:00Z',
  name: '2026-10',
  displayName: 'October 2026',
  by: 'month',
  periods: [
    { name: '2026-11', displayName: 'November 2026, to date' },
    { name: '2026-10', displayName: 'October 2026' },
  ],
  shown: [
    { value: 'met', label: 'Met', count: 2 },
    { value: 'open', label: 'Not frozen', count: 2 },
  ],
  mayFreeze: true,
  rows: [
    row('cards', 'Cards', { statement, open: false, moreObjectives: 5 }),
    row('refunds', 'Refunds', { objectives: [{ ...figures, remarks: ['No series match the bad query.'] }] }),
    row('search', 'Search', {
      state: 'no_data',
      open: false,
      reason: 'The period is not closed.',
      objectives: [{ ...unmeasured, reason: 'connection refused' }],
    }),
  ],
  total: 3,
  page: 1,
  pageSize: 50,
};

const show = (answers: Record<string, Answer> = {}, at = '/statements?by=month&show=met') =>
  showPage(<StatementsPage />, { 'pages/statements': period, ...answers }, at);

const rowOf = async (name: string) => within((await screen.findByText(name)).closest('tr')!);

test('a period is shown by the figures of the backend, those of a statement as frozen', async () => {
  const { requests } = show();
  const cards = await rowOf('Cards');
  for (const text of ['99.62% / 99%', '98.11%', '61%', 'Payments → checkout', 'Frozen', /^2026-11-02 .* by anna$/]) {
    expect(cards.getByText(text)).toBeVisible();
  }
  expect(requests[0].url).toContain('pages/statements?by=month&show=met');
  expect((await rowOf('Refunds')).getByText('No series match the bad query.')).toBeVisible();
  await userEvent.click(cards.getByRole('button', { name: /toggle row expanded/i }));
  expect(screen.getByText('and 5 more objectives and groups, which CSV has')).toBeVisible();
  const search = await rowOf('Search');
  expect(search.getByText('The period is not closed.')).toBeVisible();
  expect(search.getByText('– / 99%')).toBeVisible();
});

test('another kind of period, and what is shown of it, are in the URL', async () => {
  const { address } = show();
  await userEvent.click(await screen.findByRole('radio', { name: 'Quarter' }));
  expect(address()).toBe('/statements?by=quarter&show=met');
  // Before its figures are there, which may take a while.
  expect(screen.getByRole('radio', { name: 'Quarter' })).toBeChecked();
  expect(screen.getByRole('button', { name: 'Met (2)', pressed: true })).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Not frozen (2)' }));
  expect(address()).toBe('/statements?by=quarter&show=open');
  expect(screen.getByRole('link', { name: 'Print' })).toHaveAttribute(
    'href',
    '/api/datasources/uid/accord/resources/pages/statements?by=quarter&show=open&format=html',
  );
});

test('each click goes a period on, and none to a period of another kind, though their figures are awaited', async () => {
  const answers: Record<string, Answer> = {
    'pages/statements': {
      ...period,
      periods: [...period.periods, ...['09', '08'].map((month) => ({ name: `2026-${month}` }))],
    },
  };
  const { address } = show(answers, '/statements');
  const earlier = await screen.findByRole('button', { name: 'Earlier' });
  answers['pages/statements'] = new Promise(() => undefined);
  await userEvent.click(earlier);
  await userEvent.click(earlier);
  expect(address()).toBe('/statements?period=2026-08');
  await userEvent.click(screen.getByRole('radio', { name: 'Quarter' }));
  expect(earlier).toBeDisabled();
  expect(screen.getByRole('combobox', { name: 'Period' })).toHaveValue('');
});

test('all are frozen in one request, and what one was refused for is shown', async () => {
  const { requests } = show({
    statements: {
      frozen: 1,
      refused: [{ agreement: { name: 'refunds', displayName: 'Refunds' }, error: 'No samples.' }],
    },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Freeze all 2' }));
  const dialog = within(screen.getByRole('dialog'));
  expect(dialog.getByText(/A statement is never changed/)).toBeVisible();
  await userEvent.click(dialog.getByRole('button', { name: 'Freeze' }));
  expect(await screen.findByText('Refunds was not frozen: No samples.')).toBeVisible();
  const posts = requests.filter(({ method }) => method === 'POST');
  expect(posts.map(({ data }) => data)).toEqual([{ period: '2026-10' }]);
});

test('why one was not frozen stays, while the page is asked for again', async () => {
  let asked = 0;
  const { requests } = showPage(<StatementsPage />, {
    get 'pages/statements'() {
      return { ...period, at: `2026-11-23T12:00:0${asked++}Z` };
    },
    statements: new Refused(409, 'The document has errors.'),
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Freeze Refunds' }));
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Freeze' }));
  await waitFor(() => expect(requests).toHaveLength(3));
  await act(() => Promise.resolve());
  expect(screen.getByText('The document has errors.')).toBeVisible();
});

test('why one was not frozen stays, though nothing is left to be frozen', async () => {
  const [open, ...others] = period.shown.filter(({ value }) => value === 'open');
  const answers: Record<string, Answer> = {
    'pages/statements': period,
    statements: { frozen: 2, refused: [{ agreement: { name: 'broken' }, error: 'Not read.' }] },
  };
  showPage(<StatementsPage />, answers);
  await userEvent.click(await screen.findByRole('button', { name: 'Freeze all 2' }));
  answers['pages/statements'] = { ...period, shown: [...others, { ...open, count: 0 }] };
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Freeze' }));
  await screen.findByText('Not frozen (0)');
  expect(screen.getByText('broken was not frozen: Not read.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /^Freeze all/ })).not.toBeInTheDocument();
});

test('what was refused after the page was left, Grafana shows', async () => {
  const shown: unknown[] = [];
  setAppEvents({ publish: ({ payload }: BusEventWithPayload<unknown>) => shown.push(payload) } as unknown as EventBus);
  let refuse: (answer: object) => void = () => {};
  const { requests } = show({ statements: new Promise((resolve) => (refuse = resolve)) });
  await userEvent.click(await screen.findByRole('button', { name: 'Freeze all 2' }));
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Freeze' }));
  await waitFor(() => expect(requests).toHaveLength(2));
  cleanup();
  const refused = ['Refunds', 'Cards'].map((name) => ({ agreement: { name }, error: 'No samples.' }));
  await act(async () => refuse({ refused }));
  expect(shown).toEqual([['Refunds was not frozen: No samples.\nCards was not frozen: No samples.']]);
});

test('of very many that were not frozen the first are named, and the others counted', async () => {
  const refused = Array.from({ length: 10_000 }, (_, i) => ({ agreement: { name: `a-${i}` }, error: 'No samples.' }));
  show({ statements: { frozen: 0, refused } });
  await userEvent.click(await screen.findByRole('button', { name: 'Freeze all 2' }));
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Freeze' }));
  expect(await screen.findByText(/^a-0 was not frozen: No samples.*and 9,990 more$/s)).toBeVisible();
});

test('beside a part of the agreements there is no button that freezes all', async () => {
  show({}, '/statements?search=refunds');
  expect(await screen.findByRole('button', { name: 'Freeze Refunds' })).toBeVisible();
  expect(screen.queryByRole('button', { name: /Freeze all/ })).not.toBeInTheDocument();
});

test('one is frozen, and the page is asked for again', async () => {
  const { requests } = show({ statements: statement });
  await userEvent.click(await screen.findByRole('button', { name: 'Freeze Refunds' }));
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Freeze' }));
  await waitFor(() => expect(requests).toHaveLength(3));
  expect(requests[1].data).toEqual({ period: '2026-10', agreement: 'refunds' });
  expect(requests[2].url).toContain('pages/statements');
});

test('who may not freeze sees why, and no button', async () => {
  show({ 'pages/statements': { ...period, mayFreeze: false, reason: 'Sign in to change documents.' } });
  expect(await screen.findByText('Sign in to change documents.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Freeze/ })).not.toBeInTheDocument();
});

test('verifying names what differs, and a restatement needs a reason', async () => {
  const verification: Verification = {
    agreement: 'cards',
    period: '2026-10',
    number: 1,
    digest: 'sha256:abcdef',
    frozenAt: statement.frozenAt,
    verified: false,
    verdict: 'NOT verified: 1 difference.',
    basis: 'engine',
    differences: [{ kind: 'samples', text: 'One event more was counted on 7 October.' }],
    notes: [],
    figures: [],
    restated: ['Availability: met, 99.61%'],
  };
  const { requests } = show({ 'statements/2026-10/cards/verify': verification, statements: statement });
  await userEvent.click(await screen.findByRole('button', { name: /statement of Cards/ }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Verify' }));
  expect(await screen.findByText('One event more was counted on 7 October.')).toBeVisible();
  expect(screen.getByText('NOT verified: 1 difference.')).toBeVisible();
  expect(screen.getByText('Availability: met, 99.61%')).toBeVisible();
  // Whoever comes back to the window does not have a month counted once more.
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  await act(async () => void window.dispatchEvent(new Event('visibilitychange')));
  expect(requests.filter(({ url }) => url.includes('/verify'))).toHaveLength(1);
  jest.restoreAllMocks();
  const restate = screen.getByRole('button', { name: 'Restate' });
  expect(restate).toBeDisabled();
  await userEvent.type(screen.getByLabelText(/Reason for a restatement/), 'late samples');
  await userEvent.click(restate);
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  expect(requests.find(({ method }) => method === 'POST')?.data).toEqual({
    period: '2026-10',
    agreement: 'cards',
    restate: true,
    reason: 'late samples',
  });
});

test('a folder that cannot be read says so', async () => {
  show({ 'pages/statements': new Refused(503, 'the folder is gone') });
  expect(await screen.findByText('the folder is gone')).toBeVisible();
});
