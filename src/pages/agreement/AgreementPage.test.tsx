import { config, setPluginComponentHook } from '@grafana/runtime';
import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  type AgreementContractTab,
  type AgreementHistoryTab,
  type AgreementStatusTab,
  type ObjectiveRow,
} from '../../api/types';
import { type Answer, Refused, showPage } from '../../testing/page';
import { Actions } from './Actions';
import AgreementPage from './AgreementPage';
import { Past } from './HistoryTab';

// The charts are Grafana's own panels, and the time picker is its own: they are tried in a browser.
jest.mock('./Charts', () => ({
  __esModule: true,
  default: ({ of }: { of: { objective: string } }) => <div>{`charts of ${of.objective}`}</div>,
}));
jest.mock('@grafana/scenes', () => ({ SceneObjectBase: class {} }));

const home = '/a/accord-sla-app';

const objective = (name: string, more: Partial<ObjectiveRow> = {}): ObjectiveRow => ({
  key: name,
  name,
  state: 'met',
  alertValue: null,
  target: 0.999,
  compliance: 0.9953,
  remaining: 0.293,
  amount: '12m 40s of 43m 12s',
  burn: { '5m': 0, '1h': 0.5, '6h': 1.25, '3d': 0.8 },
  projected: 0.9991,
  coverage: 1,
  measuredUntil: '2026-11-23T12:00:00Z',
  windowText: 'this month',
  computed: [{ title: 'Budget left', formula: '1 − bad ÷ error budget', numbers: '1 − 30m 32s ÷ 43m 12s = 29.3%' }],
  written: [{ part: 'gauge', text: 'up{job="payments"}' }],
  queries: ['sum(up{job="payments"})'],
  window: 'month',
  targetNow: 0.999,
  groupBy: [],
  ...more,
});

const status = (more: Partial<AgreementStatusTab> = {}): AgreementStatusTab => ({
  at: '2026-11-23T12:00:00Z',
  kind: 'Agreement',
  name: 'payments-for-checkout',
  displayName: 'Payments for Checkout',
  leftOut: false,
  stage: 'active',
  state: 'met',
  provider: { name: 'payments', displayName: 'Payments' },
  consumers: [{ name: 'checkout', displayName: 'Checkout & Cart' }],
  service: { name: 'payments-api', displayName: 'Payments API' },
  timeZone: 'Europe/Berlin',
  notice: null,
  alertValue: null,
  unmeasured: [],
  objectives: [objective('availability', { displayName: 'Answered' })],
  ...more,
});

const contract: AgreementContractTab = {
  at: '2026-11-23T12:00:00Z',
  promise: {
    opening: 'Payments promises Checkout & Cart for the service Payments API:',
    objectives: [{ name: 'availability', displayName: 'Answered', sentence: 'At least 99.9% are good.', notes: [] }],
    terms: ['It counts around the clock.'],
  },
  parties: [
    {
      name: 'payments',
      displayName: 'Payments',
      role: 'Provider',
      contacts: [
        { name: 'mail', type: 'email', target: 'payments@example.org' },
        { name: 'hook', type: 'webhook', target: '' },
        { name: 'hidden', type: 'email', target: '' },
      ],
    },
  ],
  labels: {},
  exclusions: [],
  dependsOn: [[{ name: 'db', displayName: 'Database', stage: 'active', state: 'breached' }]],
  dependents: [{ name: 'shop', stage: 'proposed', state: 'met' }],
  moreDependents: 7,
  escalation: [{ when: 'After 30m', notify: { name: 'platform', displayName: 'Platform' }, isTeam: true }],
  signatures: [{ team: { name: 'checkout', displayName: 'Checkout & Cart' }, missing: true }],
  review: 'every 90d; overdue since 30 August 2026',
  reviewOverdue: true,
  links: [
    { title: 'Runbook', url: 'https://runbooks.example/payments' },
    { title: 'Trap', url: 'javascript:alert(1)' },
  ],
  documents: [{ kind: 'SLO', name: 'availability', hash: '', file: 'payments.yaml', line: 1, column: 1 } as never],
};

const path = 'pages/agreement/status/payments-for-checkout';

async function show(answer: Answer = status(), tab = '') {
  const shown = showPage(
    <AgreementPage />,
    { [path]: answer, 'pages/agreement/contract/payments-for-checkout': contract },
    `${home}/agreements/payments-for-checkout${tab}`,
    `${home}/agreements/:name/:tab?`,
  );
  await screen.findByRole('tab', { name: 'Status' });
  return shown;
}

const cells = () => within(screen.getAllByRole('row')[1]).getAllByRole('cell');

test('an objective is a row of what the backend says of it', async () => {
  await show();
  expect(
    cells()
      .slice(1, -1)
      .map((cell) => cell.textContent),
  ).toEqual(['Answered this month', 'Met', '', '99.53%of 99.9%', '29.3%', '1h 0.56h 1.253d 0.8', '99.91%', '100%']);
  expect(await screen.findByText('charts of availability')).toBeVisible();
});

test('a row opens to how its figures came about, with the real numbers and the queries', async () => {
  await show();
  await userEvent.click(within(screen.getAllByRole('row')[1]).getByRole('button', { name: /toggle row expanded/i }));
  expect(screen.getByText('1 − 30m 32s ÷ 43m 12s = 29.3%')).toBeVisible();
  expect(screen.getByText('sum(up{job="payments"})')).toBeVisible();
});

test('a page of Grafana is offered to those whom it lets in', () => {
  setPluginComponentHook(() => ({ component: null, isLoading: false }));
  const offered = (permissions: string[]) => {
    config.bootData.user.permissions = Object.fromEntries(permissions.map((one) => [one, true]));
    showPage(<Actions name="checkout" title="Payments" kind="Agreement" />, {});
    const links = screen.getAllByRole('link').map((link) => link.textContent);
    cleanup();
    return links;
  };
  expect(offered([])).toEqual(['Edit']);
  expect(offered(['datasources:explore', 'alert.rules:create'])).toEqual(['Explore', 'New alert rule', 'Edit']);
});

test('the actions stand before the agreement is known, so that they do not move the page', () => {
  setPluginComponentHook(() => ({ component: null, isLoading: false }));
  showPage(<Actions name="checkout" title="checkout" />, {});
  expect(screen.getByRole('link', { name: 'Edit' })).toHaveAttribute('aria-disabled', 'true');
});

test('an alert that fires stands on top, with the number of its rule', async () => {
  await show(
    status({ alert: 'page', alertValue: 22.3, alertReason: 'Answered burns its error budget 321 times too fast' }),
  );
  const alert = screen.getByRole('alert');
  expect(alert).toHaveTextContent('The page alert fires: 22.3, above 1');
  expect(alert).toHaveTextContent('Answered burns its error budget 321 times too fast');
});

test('what could not be measured shows no figure, and says why', async () => {
  await show(
    status({
      state: 'no_data',
      unmeasured: ['connection refused'],
      objectives: [
        objective('availability', {
          state: 'no_data',
          compliance: null,
          remaining: null,
          projected: null,
          coverage: null,
          measuredUntil: null,
          burn: null,
          reason: 'No series match',
        }),
      ],
    }),
  );
  expect(screen.getByText('connection refused')).toBeVisible();
  expect(
    cells()
      .slice(4)
      .map((cell) => cell.textContent),
  ).toEqual(['–of 99.9%', '–', '1h –6h –3d –', '–', '–', '–']);
});

test('one that is only proposed says so, and is never shown as met', async () => {
  await show(status({ stage: 'proposed', notice: { title: 'This is proposed', text: 'For information.' } }));
  expect(screen.getByText('This is proposed')).toBeVisible();
  expect(screen.getByText('Proposed')).toBeVisible();
});

test('the charts are of the objective in the URL', async () => {
  showPage(
    <AgreementPage />,
    { [path]: status({ objectives: [objective('availability'), objective('latency')] }) },
    `${home}/agreements/payments-for-checkout?objective=latency`,
    `${home}/agreements/:name`,
  );
  expect(await screen.findByText('charts of latency')).toBeVisible();
});

test('one that is not there says so, and leads back', async () => {
  showPage(<AgreementPage />, {}, `${home}/agreements/gone`, `${home}/agreements/:name`);
  expect(await screen.findByText('There is no agreement «gone»')).toBeVisible();
  expect(screen.getByRole('link', { name: 'All agreements' })).toHaveAttribute('href', home);
});

test('an SLO without an agreement has an address of its own: an agreement may have its name', async () => {
  config.bootData.user.permissions = { 'datasources:explore': true };
  setPluginComponentHook(() => ({ component: null, isLoading: false }));
  const name = 'payments-for-checkout';
  const answer = status({ kind: 'SLO', provider: null });
  const { requests } = showPage(
    <AgreementPage kind="SLO" />,
    { [path]: answer },
    `${home}/slos/${name}`,
    `${home}/slos/:name`,
  );
  expect(await screen.findByRole('tab', { name: 'History' })).toHaveAttribute('href', `${home}/slos/${name}/history`);
  expect(requests[0].url).toMatch(/\?kind=SLO$/);
  cleanup();
  showPage(<Actions name={name} title={name} kind="SLO" />, {});
  const explore = new URL(screen.getByRole('link', { name: 'Explore' }).getAttribute('href')!, 'http://x');
  expect(JSON.parse(explore.searchParams.get('panes')!).accord.queries[0]).toMatchObject({
    agreements: [name],
    providers: ['/^$/'],
  });
});

test('the contract has dependencies in both directions, and no request for all agreements', async () => {
  const { requests } = await show(status(), '/contract');
  const up = within(await screen.findByRole('region', { name: 'Depends on' }));
  expect(up.getByRole('link', { name: 'Database' })).toHaveAttribute('href', `${home}/agreements/db`);
  expect(up.getByText('Breached')).toBeVisible();
  const down = screen.getByRole('region', { name: 'Needed by' });
  expect(down).toHaveTextContent('shop Proposedand 7 more');
  expect(requests.map(({ url }) => url.replace(/^.*resources\//, ''))).toEqual([
    path,
    'pages/agreement/contract/payments-for-checkout?kind=Agreement',
  ]);
});

test('the contract in words: people, signatures, review, links that may be followed', async () => {
  await show(status(), '/contract');
  expect(await screen.findByText('Payments promises Checkout & Cart for the service Payments API:')).toBeVisible();
  expect(screen.getByRole('link', { name: 'payments@example.org' })).toHaveAttribute(
    'href',
    'mailto:payments@example.org',
  );
  expect(screen.getByRole('region', { name: 'Parties' })).toHaveTextContent('webhook hook');
  expect(screen.getByText(/hidden/)).toBeVisible();
  expect(screen.queryByRole('link', { name: 'hidden' })).not.toBeInTheDocument();
  expect(screen.getByRole('region', { name: 'Escalation' })).toHaveTextContent('After 30m: Platform');
  expect(screen.getByText(/not signed/)).toBeVisible();
  expect(screen.getByText('Review overdue')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Runbook' })).toBeVisible();
  expect(screen.queryByRole('link', { name: 'Trap' })).not.toBeInTheDocument();
});

const history: AgreementHistoryTab = {
  at: '2026-11-23T12:00:00Z',
  from: '2026-10-24T12:00:00Z',
  to: '2026-11-23T12:00:00Z',
  incidents: [
    {
      key: '1',
      objective: 'Answered',
      from: '2026-11-20T12:00:00Z',
      to: '2026-11-20T12:30:00Z',
      ongoing: false,
      lasted: '30m',
      bad: '12m',
      share: 0.28,
      peakBurn: 850,
      remark: 'alert Burning fired',
    },
  ],
  repair: ['1 incident, mean time to repair 30m'],
  periods: [
    {
      key: '2026-10',
      period: '2026-10',
      objective: 'Answered',
      state: 'met',
      target: 0.999,
      compliance: 0.9995,
      raw: 0.98,
      remaining: 0.5,
      amount: '20m of 40m',
      bad: '20m',
      coverage: 1,
    },
  ],
  statements: [],
  unmeasured: [],
};
const range = { from: '2026-10-24T12:00:00.000Z', to: '2026-11-23T12:00:00.000Z' };

test('the past: incidents of the range, periods adjusted beside raw, statements', async () => {
  const { requests } = showPage(
    <Past agreement={{ name: 'a/b' }} range={range} timeZone="Asia/Tokyo" />,
    { 'pages/agreement/history/a%2Fb': history },
    home,
  );
  const incidents = within(await screen.findByRole('region', { name: 'Incidents' }));
  expect(incidents.getByText('2026-11-20 21:00:00')).toBeVisible();
  expect(incidents.getByText('30m')).toBeVisible();
  expect(incidents.getByText('28%')).toBeVisible();
  const periods = within(screen.getByRole('region', { name: 'Periods' }));
  expect(periods.getByText('99.95% of 99.9%')).toBeVisible();
  expect(periods.getByText('98%')).toBeVisible();
  expect(screen.getByText('No period was frozen yet: that is done in Statements.')).toBeVisible();
  expect(new URL(requests[0].url, 'http://x').searchParams.get('from')).toBe(range.from);
});

const statement = {
  ...{ agreement: 'a', service: '', provider: '', consumers: [], digest: '', objectives: [] },
  ...{ from: '0001-01-01T00:00:00Z', to: '0001-01-01T00:00:00Z', frozenAt: '0001-01-01T00:00:00Z', frozenBy: '' },
};

test('a statement that cannot be read says why, beside those that can', async () => {
  const unread = { ...statement, period: '2026-09', number: 1, file: 'a', state: '' as never, error: 'is no JSON' };
  const read = { ...statement, period: '2026-10', number: 1, file: 'b', state: 'met' } as const;
  showPage(<Past agreement={{ name: 'a' }} range={range} />, {
    'pages/agreement/history/a': { ...history, statements: [read, unread] },
  });
  const statements = within(await screen.findByRole('region', { name: 'Statements' }));
  expect(statements.getByText('is no JSON')).toBeVisible();
  expect(statements.getByText('Met')).toBeVisible();
});

test('the statement of a day, which the page of statements does not show, leads to none', async () => {
  const statements = ['2026-10', '2026-10-31'].map((period) => {
    return { ...statement, period, number: 1, file: period, state: 'met' } as const;
  });
  showPage(<Past agreement={{ name: 'a' }} range={range} />, {
    'pages/agreement/history/a': { ...history, statements },
  });
  expect(await screen.findByRole('link', { name: '2026-10' })).toBeVisible();
  expect(screen.getByText('2026-10-31')).toBeVisible();
  expect(screen.queryByRole('link', { name: '2026-10-31' })).not.toBeInTheDocument();
});

test('a long history comes in pages, so that what stands below it is within reach', async () => {
  const incidents = Array.from({ length: 12 }, (_, index) => ({
    ...history.incidents[0],
    key: `${index}`,
    bad: `bad ${index}`,
  }));
  showPage(
    <Past agreement={{ name: 'a' }} range={range} />,
    { 'pages/agreement/history/a': { ...history, incidents } },
    home,
  );
  const table = within(await screen.findByRole('region', { name: 'Incidents' }));
  expect(table.getByText('bad 9')).toBeVisible();
  expect(table.queryByText('bad 10')).not.toBeInTheDocument();
  await userEvent.click(table.getByRole('button', { name: '2' }));
  expect(table.getByText('bad 10')).toBeVisible();
});

test('the page of a long history stays, when its figures are renewed', async () => {
  const periods = Array.from({ length: 12 }, (_, index) => ({
    ...history.periods[0],
    key: `${index}`,
    bad: `bad ${index}`,
  }));
  const answers = { 'pages/agreement/history/a': { ...history, periods } };
  jest.useFakeTimers({ advanceTimers: true });
  try {
    showPage(<Past agreement={{ name: 'a' }} range={range} />, answers, home);
    const table = within(await screen.findByRole('region', { name: 'Periods' }));
    fireEvent.click(table.getByRole('button', { name: '2' }));
    const renewed = periods.map((one) => ({ ...one, bad: one.bad.replace('bad', 'now') }));
    answers['pages/agreement/history/a'] = { ...history, periods: renewed };
    act(() => jest.advanceTimersByTime(60_000));
    expect(await table.findByText('now 10')).toBeVisible();
  } finally {
    jest.useRealTimers();
  }
});

test('who may not read is told so, in the words of the backend', async () => {
  showPage(
    <AgreementPage />,
    { [path]: new Refused(403, 'you may not') },
    `${home}/agreements/payments-for-checkout`,
    `${home}/agreements/:name`,
  );
  expect(await screen.findByText(/you may not/)).toBeVisible();
});
