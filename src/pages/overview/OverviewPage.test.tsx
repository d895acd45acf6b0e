import { screen, within } from '@testing-library/react';
import { catalogOf, figures, reportOf, summary, unknown } from '../../testing/catalog';
import { type Answer, Refused, showPage } from '../../testing/page';
import OverviewPage from './OverviewPage';

const catalog = catalogOf(
  [
    summary('payments', { displayName: 'Payments for Checkout', reviewDue: '2026-11-01T00:00:00Z' }),
    summary('search', {
      reviewDue: '2026-12-01T00:00:00Z',
      objectives: [
        { name: 'latency', displayName: 'Quick answers', target: 0.99, window: '30d', budgeting: 'Occurrences' },
      ],
    }),
    summary('queue', { reviewDue: '2027-03-01T00:00:00Z' }),
    summary('email'),
    summary('labels', { stage: 'proposed' }),
    summary('draft', { stage: 'draft' }),
  ],
  {
    slos: [summary('edge', { provider: undefined, consumers: [] })],
    problems: [
      { file: 'a.yaml', line: 1, column: 1, severity: 'error', message: 'bad' },
      { file: 'a.yaml', line: 2, column: 1, severity: 'warning', message: 'hm' },
    ],
  },
);

const report = reportOf(
  [
    { name: 'payments', state: 'met', objectives: [figures('availability', { burn: { '1h': 1.5 } })] },
    {
      name: 'search',
      state: 'at_risk',
      objectives: [
        figures('latency', {
          state: 'at_risk',
          group: { region: 'eu' },
          remaining: 0.12,
          bad: 88,
          reason: '12 % of the error budget is left',
          exhaustion: '2026-11-25T10:00:00Z',
          burn: { '1h': 6, '6h': 2 },
        }),
        figures('availability'),
      ],
    },
    {
      name: 'queue',
      state: 'breached',
      objectives: [figures('availability', { state: 'breached', bad: 120, remaining: -0.2 })],
    },
    { name: 'email', state: 'no_data', objectives: [unknown('delivery', { error: 'connection refused' })] },
    { name: 'labels', state: 'inactive', objectives: [figures('printed', { state: 'breached', burn: { '1h': 9 } })] },
    { name: 'draft', state: 'inactive', objectives: [] },
  ],
  { slos: [{ name: 'edge', service: '', state: 'breached', objectives: [] }] },
);

async function show(answers: Record<string, Answer> = {}) {
  showPage(<OverviewPage />, { catalog, status: report, ...answers });
  return screen.findByRole('region', { name: 'What needs attention' });
}

test('the counts are of what is in force, and lead to the agreements with the filter set', async () => {
  await show();
  const tiles = within(screen.getByRole('navigation', { name: 'Agreements by state' })).getAllByRole('link');
  expect(tiles.map((tile) => [tile.textContent, tile.getAttribute('href')])).toEqual([
    ['1 Breached', '/a/accord-sla-app/agreements?state=breached&stage=active'],
    ['1 At risk', '/a/accord-sla-app/agreements?state=at_risk&stage=active'],
    ['1 No data', '/a/accord-sla-app/agreements?state=no_data&stage=active'],
    ['1 Met', '/a/accord-sla-app/agreements?state=met&stage=active'],
  ]);
});

test('what is there beside them is a link away', async () => {
  await show();
  const link = (name: string) => screen.getByRole('link', { name }).getAttribute('href');
  expect(link('1 proposed')).toBe('/a/accord-sla-app/agreements?stage=proposed');
  expect(link('1 draft')).toBe('/a/accord-sla-app/agreements?stage=draft');
  expect(link('1 SLO without agreement')).toBe('/a/accord-sla-app/agreements?stage=none');
  expect(link('1 error in documents')).toBe('/a/accord-sla-app/health');
  expect(screen.queryByText(/retired/)).toBeNull();
});

test('the worst comes first, with the reason in plain words', async () => {
  const items = within(await show()).getAllByRole('listitem');
  expect(items.map((item) => within(item).getByRole('link').textContent)).toEqual(['queue', 'search', 'email']);
  expect(items[0]).toHaveTextContent('120 events bad in the last 30 days; the promise allows 100.');
  expect(items[0]).toHaveTextContent('−20 of 100 events (−20 %)');
  expect(items[1]).toHaveTextContent('Quick answers · region=eu 12 % of the error budget is left.');
  expect(items[1]).toHaveTextContent('At this rate the error budget is spent by 25 Nov 2026');
  expect(items[1]).not.toHaveTextContent('availability');
  expect(items[2]).toHaveTextContent('It could not be measured: connection refused.');
});

test('what burns now is told, the fastest first, and only of what is in force', async () => {
  await show();
  const rows = within(screen.getByRole('region', { name: /What burns now/ }))
    .getAllByRole('row')
    .slice(1);
  expect(rows.map((row) => within(row).getByRole('link').textContent)).toEqual(['search', 'Payments for Checkout']);
  const cells = within(rows[0])
    .getAllByRole('cell')
    .map((cell) => cell.lastElementChild!.textContent);
  expect(cells.slice(2, 5)).toEqual(['6', '2', '–']);
});

test('what is due for review is told, with how long it has been', async () => {
  await show();
  const reviews = within(screen.getByRole('region', { name: 'Due for review' })).getAllByRole('listitem');
  expect(reviews.map((one) => one.textContent)).toEqual([
    'Payments for Checkout' + 'overdue since 1 November 2026',
    'search' + 'due on 1 December 2026',
  ]);
});

test('when all is well it is said kindly, with the next step', async () => {
  const region = await show({
    catalog: catalogOf([summary('payments')]),
    status: reportOf([{ name: 'payments', state: 'met', objectives: [figures('availability')] }]),
  });
  expect(within(region).getByText('All promises are kept')).toBeVisible();
  expect(within(region).getByRole('link', { name: 'See all agreements' })).toBeVisible();
  expect(screen.getByText(/no error budget went faster than it lasts/)).toBeVisible();
  expect(screen.getByText('None is due in the next 14 days.')).toBeVisible();
});

test('while nothing is in force, nothing is said to be kept', async () => {
  const region = await show({
    catalog: catalogOf([summary('labels', { stage: 'draft' })]),
    status: reportOf([{ name: 'labels', state: 'inactive', objectives: [] }]),
  });
  expect(within(region).getByText('No agreement is in force yet')).toBeVisible();
});

test('without an agreement it says how to begin', async () => {
  showPage(<OverviewPage />, { catalog: catalogOf([]), status: reportOf([]) });
  expect(await screen.findByRole('link', { name: 'Write the first agreement' })).toHaveAttribute(
    'href',
    '/a/accord-sla-app/workbench?new=Agreement',
  );
});

test('when none of the documents can be read it says where that is told', async () => {
  const problems = [{ file: 'a.yaml', line: 1, column: 1, severity: 'error' as const, message: 'bad' }];
  showPage(<OverviewPage />, { catalog: catalogOf([], { problems }), status: reportOf([]) });
  expect(await screen.findByRole('link', { name: 'See what is wrong' })).toHaveAttribute(
    'href',
    '/a/accord-sla-app/health',
  );
});

test('when Prometheus is gone it says so in its words, and counts nothing', async () => {
  showPage(<OverviewPage />, { catalog, status: new Refused(502, 'connection refused') });
  expect(await screen.findByRole('alert')).toHaveTextContent('connection refused');
  expect(screen.queryByRole('navigation')).toBeNull();
});
