import { toDataFrame } from '@grafana/data';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type Agreement, type ObjectiveStatus, type Report } from '../../api/types';
import { catalogOf, figures, reportOf, summary, unknown } from '../../testing/catalog';
import { type Answer, Refused, showPage } from '../../testing/page';
import AgreementPage from './AgreementPage';

// The charts are Grafana's own panels: they are tried in a browser.
jest.mock('./Charts', () => ({ __esModule: true, default: () => <div>charts</div> }));

function agreement(more: Partial<Agreement> = {}): Agreement {
  return {
    ...summary('payments-for-checkout', {
      displayName: 'Payments for Checkout',
      objectives: [
        { name: 'availability', target: 0.999, window: 'month', budgeting: 'Occurrences', displayName: 'Answered' },
      ],
    }),
    description: 'What Checkout may rely on.',
    annotations: {},
    timeZone: 'Europe/Berlin',
    effectiveFrom: '2026-01-01T00:00:00Z',
    effectiveUntil: null,
    definitions: [{ objective: 'availability', kind: 'threshold', op: 'gte', value: 1, gauge: 'up{job="payments"}' }],
    exclusions: [],
    dependsOn: [],
    escalation: [
      { afterSeconds: 0, notify: 'payments-oncall' },
      { afterSeconds: 1800, notify: 'platform' },
    ],
    review: { every: '90d', last: '2026-06-01T00:00:00Z', due: '2026-08-30T00:00:00Z' },
    reportTo: [],
    signatures: [{ team: 'payments', name: 'Anna Keller', on: '2025-12-15T00:00:00Z' }],
    links: [
      { title: 'Runbook', url: 'https://runbooks.example/payments' },
      { title: 'Trap', url: 'javascript:alert(1)' },
    ],
    place: { file: 'payments.yaml', line: 6, column: 1 },
    ...more,
  } as Agreement;
}

/** 43 m 12 s allowed in November, 30 m 32 s of them gone. */
const availability = figures('availability', {
  from: '2026-10-31T23:00:00Z',
  to: '2026-11-23T12:00:00Z',
  window: 'month',
  unit: 'seconds',
  target: 0.999,
  total: 1_947_600,
  bad: 1832,
  compliance: 1 - 1832 / 1_947_600,
  allowed: 2592,
  remaining: 1 - 1832 / 2592,
  projected: 0.99912,
  burn: { '5m': 0, '1h': 0.5, '6h': 1.25, '3d': 0.8 },
  raw: { total: 1_947_600, bad: 9000, compliance: 1 - 9000 / 1_947_600 },
});

const history = { results: { A: { frames: [] } } };

function report(objective: ObjectiveStatus, more: Partial<Report['agreements'][number]> = {}): Report {
  return reportOf([{ name: 'payments-for-checkout', state: objective.state, objectives: [objective], ...more }]);
}

const answers: Record<string, Answer> = {
  'agreements/payments-for-checkout': agreement(),
  agreements: { agreements: [agreement()] },
  catalog: catalogOf([summary('payments-for-checkout')]),
  teams: {
    teams: [
      {
        name: 'payments',
        displayName: 'Payments',
        members: [],
        labels: {},
        provides: [],
        consumes: [],
        contacts: [{ name: 'mail', type: 'email', target: 'payments@example.org' }],
      },
      { name: 'checkout', displayName: 'Checkout', members: [], labels: {}, provides: [], consumes: [], contacts: [] },
    ],
  },
  status: report(availability),
  '/api/ds/query': history,
};

async function show(more: Record<string, Answer> = {}, name = 'payments-for-checkout') {
  const shown = showPage(<AgreementPage />, { ...answers, ...more }, `/agreements/${name}`, '/agreements/:name');
  await screen.findByRole('heading', { name: 'The promise' });
  return shown;
}

const card = async () => screen.findByRole('article', { name: 'Answered' });

test('the promise stands there in words', async () => {
  await show();
  expect(
    screen.getByText(/^Payments promises Checkout for the service payments-api from 1 January 2026 on:$/),
  ).toBeVisible();
  expect(
    screen.getByText('For at least 99.9 % of the time the value is at least 1, each calendar month (Europe/Berlin).', {
      exact: false,
    }),
  ).toBeVisible();
});

test('what is left of the budget is told in time, until its last day', async () => {
  await show();
  const answered = within(await card());
  expect(answered.getByText('Error budget left until 30 November 2026')).toBeVisible();
  expect(answered.getByText('12 m 40 s of 43 m 12 s')).toBeVisible();
  expect(answered.getByText('99.53 %, 2 h 30 m bad')).toBeVisible();
});

test('each figure says how it is computed, with the real numbers', async () => {
  await show();
  const answered = within(await card());
  await userEvent.click(answered.getByText('How this is computed'));
  expect(answered.getByText('30 d × (1 − 99.9 %) = 43 m 12 s')).toBeVisible();
  expect(answered.getByText('1 − 30 m 32 s ÷ 43 m 12 s = 29.3 %')).toBeVisible();
  expect(answered.getByText('0.05 % ÷ 0.1 % = 0.5')).toBeVisible();
});

test('what could not be measured shows no figure, and says why', async () => {
  await show({ status: report(unknown('availability', { error: 'select {job="x"} matches nothing' })) });
  const answered = within(await card());
  expect(answered.getByText('It could not be measured: select {job="x"} matches nothing.')).toBeVisible();
  expect(answered.queryByText('0')).not.toBeInTheDocument();
  expect(answered.queryByText('Error budget left until 30 November 2026')).not.toBeInTheDocument();
});

test('while Prometheus does not answer the text is there, and the reason', async () => {
  await show({
    status: new Refused(502, 'connection refused'),
    '/api/ds/query': new Refused(502, 'connection refused'),
  });
  expect(screen.getByText(/What Checkout may rely on/)).toBeVisible();
  expect(await screen.findByText('Prometheus does not answer')).toBeVisible();
  expect(await screen.findByText('The past could not be measured')).toBeVisible();
});

test.each([
  [{ stage: 'draft' as const }, 'This is a draft: nothing is promised yet'],
  [{ effectiveFrom: '2999-01-01T00:00:00Z' }, 'This agreement begins on 1 January 2999'],
  [{ effectiveUntil: '2026-06-30T22:00:00Z' }, 'This agreement ended: its last day was 30 June 2026'],
])('%j is no promise, and says so', async (more, title) => {
  jest.useFakeTimers({
    now: Date.parse('2026-11-23T12:00:00Z'),
    doNotFake: ['setTimeout', 'setInterval', 'queueMicrotask'],
  });
  await show({ 'agreements/payments-for-checkout': agreement(more) });
  expect(screen.getByText(title)).toBeVisible();
  jest.useRealTimers();
});

test('one that is not there says so, and leads back', async () => {
  showPage(
    <AgreementPage />,
    { ...answers, status: new Refused(404, 'none') },
    '/agreements/gone',
    '/agreements/:name',
  );
  expect(await screen.findByText('There is no agreement «gone»')).toBeVisible();
  expect(screen.getByRole('link', { name: 'All agreements' })).toHaveAttribute('href', '/a/accord-sla-app/agreements');
});

test('people: who is told when, who has signed and who has not, what is overdue', async () => {
  await show();
  const people = within(screen.getByRole('region', { name: 'People' }));
  expect(people.getByText('platform, after 30 m')).toBeVisible();
  expect(people.getByText('Checkout has not signed')).toBeVisible();
  expect(people.getByText('Overdue')).toBeVisible();
  expect(people.getByRole('link', { name: 'payments@example.org' })).toHaveAttribute(
    'href',
    'mailto:payments@example.org',
  );
});

test('a link that would run a script is text', async () => {
  await show();
  expect(screen.getByRole('link', { name: 'Runbook' })).toHaveAttribute('href', 'https://runbooks.example/payments');
  expect(screen.queryByRole('link', { name: 'Trap' })).not.toBeInTheDocument();
  expect(screen.getByText('Trap (javascript:alert(1))')).toBeVisible();
});

test('the past by month, adjusted beside raw', async () => {
  const frame = (compliance: number | null) => ({
    schema: {
      fields: [
        { name: 'period', type: 'string' },
        { name: 'state', type: 'string' },
        { name: 'target', type: 'number' },
        { name: 'compliance', type: 'number' },
        { name: 'bad', type: 'number' },
        { name: 'allowed', type: 'number' },
        { name: 'remaining', type: 'number' },
        { name: 'coverage', type: 'number' },
        { name: 'unit', type: 'string' },
      ],
      meta: { executedQueryString: 'up{job="payments"}' },
    },
    data: { values: [['2026-10'], ['met'], [0.999], [compliance], [60], [2592], [0.97], [0.5], ['seconds']] },
  });
  expect(toDataFrame(frame(1)).length).toBe(1);
  await show({ '/api/ds/query': { results: { A: { frames: [frame(0.9995)] } } } });
  const table = within(await screen.findByRole('table', { name: 'By month' }));
  const row = within(table.getAllByRole('row')[1]);
  expect(row.getAllByText('99.95 %')).toHaveLength(2); // adjusted and raw
  expect(row.getByText('50 %')).toBeVisible();
  await userEvent.click(screen.getByText('The queries behind these figures'));
  expect(screen.getAllByText(/up\{job="payments"\}/)).toHaveLength(2); // as written, as asked
});
