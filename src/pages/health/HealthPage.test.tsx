import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type Health, type Team } from '../../api/types';
import { catalogOf, figures, reportOf, summary, unknown } from '../../testing/catalog';
import { type Answer, Refused, showPage } from '../../testing/page';
import HealthPage from './HealthPage';

const health: Health = {
  connection: {
    server: 'http://prometheus:9090',
    engine: 'Prometheus',
    version: '3.15.0',
    method: 'offset',
    oldest: '2026-08-25T00:00:00Z',
    resolution: '5m',
  },
  documents: { stale: false, served: 3, agreements: 2, slos: 1, problems: [] },
  warnings: [],
  reviewsDue: [],
  promises: [],
  alertProblems: [],
  cache: { bytes: 3 * 1_048_576, mayDrop: false },
};

const team = (name: string, more: Partial<Team> = {}): Team => ({
  name,
  labels: {},
  members: ['anna'],
  contacts: [{ name: 'mail', type: 'email', target: 'a@example.org' }],
  provides: [],
  consumes: [],
  place: { file: 'teams.yaml', line: 1, column: 1 },
  ...more,
});

const fine: Record<string, Answer> = {
  health,
  catalog: catalogOf([summary('payments')]),
  status: reportOf([{ name: 'payments', state: 'met', objectives: [figures('availability')] }]),
  teams: { teams: [team('payments'), team('checkout')] },
  documents: { mayPropose: true, writable: true, documents: [] },
  alertcheck: { at: '2026-11-23T12:00:00Z', objectives: [] },
};

async function show(answers: Record<string, Answer> = {}) {
  const shown = showPage(<HealthPage />, { ...fine, ...answers });
  await screen.findByRole('region', { name: 'Prometheus' });
  return shown;
}

const region = (name: string | RegExp) => screen.getByRole('region', { name });

const rowsOf = (name: string | RegExp) =>
  within(region(name))
    .getAllByRole('row')
    .slice(1)
    .map((row) =>
      within(row)
        .getAllByRole('cell')
        .map((cell) => cell.lastElementChild!.textContent),
    );

test('it says which engine answers, how it counts, and how far back its data reaches', async () => {
  await show();
  const text = region('Prometheus').textContent;
  expect(text).toContain('Prometheus 3.15.0');
  expect(text).toContain('Counts by the methodoffset');
  expect(text).toContain('25 August 2026');
  expect(text).toContain('3 MiB in memory, and on disk');
});

test('when all is well each section says so', async () => {
  await show();
  expect(await screen.findByText('Nothing is wrong with them.')).toBeVisible();
  expect(screen.getByText('Everything is measured for at least 99 % of the time that counts.')).toBeVisible();
  expect(screen.getByText('Each agreement has somebody to call and somebody to decide.')).toBeVisible();
  expect(screen.getByText('None is overdue.')).toBeVisible();
  expect(screen.getByText('What each agreement promises can be held by what it rests on.')).toBeVisible();
  expect(screen.getByText('Each alert can fire, and finds an outage in time.')).toBeVisible();
});

test('problems of documents stand with their place, errors first, and lead to the Workbench', async () => {
  const problem = { file: 'slas/b.yaml', line: 14, column: 9, kind: 'Agreement', name: 'payments' };
  await show({
    health: {
      ...health,
      documents: {
        ...health.documents,
        problems: [
          { file: 'a.yaml', line: 2, column: 1, severity: 'warning', message: 'has no effect' },
          {
            ...problem,
            severity: 'error',
            field: 'spec.objectives[0].target',
            message: 'must be in (0, 1], got 99.5 <script>alert(1)</script>',
          },
        ],
      },
    },
    documents: {
      mayPropose: true,
      writable: true,
      documents: [{ kind: 'Agreement', name: 'payments', file: 'slas/b.yaml', line: 10, hash: 'x', writable: true }],
    },
  });
  expect(rowsOf('Documents')).toEqual([
    [
      ' Error',
      'slas/b.yaml:14:9',
      'Agreement payments',
      'spec.objectives[0].target: must be in (0, 1], got 99.5 <script>alert(1)</script>',
    ],
    [' Warning', 'a.yaml:2:1', '–', 'has no effect'],
  ]);
  expect(await screen.findByRole('link', { name: 'slas/b.yaml:14:9' })).toHaveAttribute(
    'href',
    '/a/accord-sla-app/documents/Agreement/payments',
  );
  expect(screen.queryByRole('link', { name: 'a.yaml:2:1' })).toBeNull();
});

test('what is not measured all the time is listed, the least first, with the reason', async () => {
  await show({
    catalog: catalogOf([summary('payments'), summary('old', { stage: 'retired' }), summary('search')]),
    status: reportOf([
      { name: 'old', state: 'inactive', objectives: [unknown('sent')] },
      {
        name: 'payments',
        state: 'met',
        objectives: [figures('latency', { coverage: 0.6, group: { region: 'eu' } }), figures('availability')],
      },
      { name: 'search', state: 'no_data', objectives: [unknown('fresh', { reason: 'the query matches no series' })] },
    ]),
  });
  expect(rowsOf(/Gaps/)).toEqual([
    ['search', 'fresh', '0 %', 'the last 30 days', 'The query matches no series.'],
    ['payments', 'latency · region=eu', '60 %', 'the last 30 days', expect.stringMatching(/no data/)],
  ]);
});

test('who cannot be reached, cannot decide, or has promised nothing is named', async () => {
  await show({
    catalog: catalogOf([summary('payments', { displayName: 'Payments' })], {
      slos: [summary('edge', { displayName: 'Edge', provider: undefined, consumers: [] })],
    }),
    teams: {
      teams: [
        team('payments', { displayName: 'Payments', contacts: [] }),
        team('checkout', { members: [], contacts: [] }),
        team('idle', { members: [], contacts: [] }),
      ],
    },
  });
  const items = within(region('Missing owners')).getAllByRole('listitem');
  expect(items.map((item) => item.textContent)).toEqual([
    'Payments has no contact: nobody is told when payments breaks.',
    'checkout has no members: nobody can approve or sign for it in payments.',
    'Edge is measured, but no agreement names it: nobody has promised it.',
  ]);
});

test('reviews whose day is past are listed, the longest due first', async () => {
  await show({
    health: {
      ...health,
      reviewsDue: [
        { agreement: 'payments', since: '2026-03-01T12:00:00Z' },
        { agreement: 'search', since: '2026-01-01T12:00:00Z' },
      ],
    },
    catalog: catalogOf([summary('payments', { displayName: 'Payments for Checkout' }), summary('search')]),
  });
  const items = within(region('Overdue reviews')).getAllByRole('listitem');
  expect(items.map((item) => item.textContent)).toEqual([
    'search' + 'overdue since 1 January 2026',
    'Payments for Checkout' + 'overdue since 1 March 2026',
  ]);
});

test('a promise that its dependencies cannot hold is told, with what it rests on', async () => {
  const upstream = (agreement: string, target: number) => ({ agreement, objective: 'up', target, window: '30d' });
  const needs = [
    { ratio: 0.99, anyOf: [upstream('database', 0.99)] },
    { ratio: 0.9999, anyOf: [upstream('a', 0.99), upstream('b', 0.99)] },
  ];
  const of = { agreement: 'payments', objective: 'availability', target: 0.999, window: '30d' };
  await show({
    health: {
      ...health,
      promises: [
        { ...of, best: 0.989901, kept: false, needs },
        { ...of, agreement: 'search', best: null, kept: true, needs: [], reason: 'database promises nothing' },
      ],
    },
  });
  expect(rowsOf(/Promises/)).toEqual([
    [
      'payments',
      'availability',
      '99.9 %',
      '98.99 %',
      'database/up 99 % × (a/up 99 % or b/up 99 %)',
      'More is promised than is promised to the provider itself.',
    ],
    ['search', 'availability', '99.9 %', '–', '', 'Database promises nothing.'],
  ]);
});

const check = {
  severity: 'page' as const,
  share: 0.02,
  long: '1h',
  short: '5m',
  factor: 14.4,
  highest: 10,
  canFire: false,
  fullOutage: { afterSeconds: null, consumed: null },
  onePercent: { afterSeconds: null, consumed: null },
  events: 100,
  fewest: 0,
  badToFire: 15,
  problems: ['it can never fire'],
};

test('an alert that cannot do its work is told', async () => {
  const good = { ...check, problems: [], canFire: true, fullOutage: { afterSeconds: 300, consumed: 0.1 } };
  const late = { ...good, long: '6h', problems: ['the quietest hours have too little traffic'] };
  const of = { window: '30d', unit: 'events', scrapeSeconds: 15, error: null };
  await show({
    alertcheck: {
      at: '',
      objectives: [{ ...of, agreement: 'payments', objective: 'availability', group: {}, alerts: [check, good, late] }],
    },
  });
  expect(rowsOf(/Alerts/)).toEqual([
    ['payments', 'availability', 'page 1h', 'never', 'It can never fire.'],
    [
      'payments',
      'availability',
      'page 6h',
      '5 m, with 10 % of the budget gone',
      'The quietest hours have too little traffic.',
    ],
  ]);
});

test('when Prometheus is gone, what is known without it is told all the same', async () => {
  const gone = new Refused(502, 'connection refused');
  const written = {
    agreement: 'payments',
    objective: 'availability',
    severity: 'page' as const,
    share: 0.02,
    long: '1h',
  };
  await show({
    health: {
      ...health,
      connection: { server: 'http://prometheus:9090', resolution: '5m', error: 'connection refused' },
      alertProblems: [
        { ...written, problem: 'it can never fire' },
        { ...written, problem: 'it is too slow' },
      ],
    },
    status: gone,
    alertcheck: gone,
  });
  expect(screen.getByText('Prometheus does not answer')).toBeVisible();
  expect(rowsOf(/Alerts/)).toEqual([
    ['payments', 'availability', 'page 1h', '–', 'It can never fire. It is too slow.'],
  ]);
  expect(screen.getByText('Each agreement has somebody to call and somebody to decide.')).toBeVisible();
  expect(within(region(/Gaps/)).getByRole('alert')).toHaveTextContent('connection refused');
});

test('only who may can make counts forgotten', async () => {
  await show();
  expect(screen.queryByRole('button', { name: 'Forget remembered counts' })).toBeNull();
});

test('counts are forgotten for the time that is chosen', async () => {
  const { requests } = await show({
    health: { ...health, cache: { bytes: 1, mayDrop: true } },
    'cache/drop': { bytes: 0, mayDrop: true },
  });
  await userEvent.click(screen.getByRole('button', { name: 'Forget remembered counts' }));
  await userEvent.click(screen.getByRole('button', { name: 'Forget and read anew' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const sent = requests.find(({ url }) => url.includes('cache/drop'))!;
  expect(sent.method).toBe('POST');
  const params = new URLSearchParams(sent.url.split('?')[1]);
  expect(Date.parse(params.get('to')!) - Date.parse(params.get('from')!)).toBeCloseTo(86_400_000, -3);
});

test('when forgetting is refused, it is said why', async () => {
  await show({
    health: { ...health, cache: { bytes: 1, mayDrop: true } },
    'cache/drop': new Refused(403, 'that takes the role Admin'),
  });
  await userEvent.click(screen.getByRole('button', { name: 'Forget remembered counts' }));
  await userEvent.click(screen.getByRole('button', { name: 'Forget and read anew' }));
  expect(await screen.findByText('that takes the role Admin')).toBeVisible();
});
