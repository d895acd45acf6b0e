import { screen, within } from '@testing-library/react';
import { type Calendar, type Team } from '../../api/types';
import { catalogOf, figures, reportOf, summary } from '../../testing/catalog';
import { type Answer, Refused, showPage } from '../../testing/page';
import TeamPage from './TeamPage';
import TeamsPage from './TeamsPage';

function team(name: string, more: Partial<Team> = {}): Team {
  const place = { file: 'teams.yaml', line: 1, column: 1 };
  return { name, labels: {}, members: [], contacts: [], provides: [], consumes: [], place, ...more };
}

const catalog = catalogOf([
  summary('cards', { displayName: 'Cards' }),
  summary('refunds', { displayName: 'Refunds' }),
  summary('vouchers', { displayName: 'Vouchers', stage: 'draft' }),
  summary('orders', { displayName: 'Orders', provider: 'databases', consumers: ['payments', 'checkout'] }),
]);

const teams = {
  teams: [
    team('checkout', { displayName: 'Checkout', consumes: ['cards', 'refunds', 'vouchers', 'orders'] }),
    team('databases', { displayName: 'Databases', provides: ['orders'] }),
    team('payments', {
      displayName: 'Payments',
      provides: ['cards', 'refunds', 'vouchers'],
      consumes: ['orders'],
      members: ['anna'],
      contacts: [{ name: 'mail', type: 'email', target: 'payments@example.org' }],
    }),
  ],
};

const status = reportOf([
  { name: 'cards', state: 'met', objectives: [figures('availability')] },
  {
    name: 'refunds',
    state: 'breached',
    objectives: [figures('latency', { state: 'breached', remaining: -0.2, bad: 120 })],
  },
  { name: 'vouchers', state: 'breached', objectives: [figures('availability')] },
  { name: 'orders', state: 'at_risk', objectives: [figures('up')] },
]);

const upgrade: Calendar['exclusions'][number] = {
  name: 'upgrade',
  displayName: 'Upgrade of the database',
  reason: 'Planned',
  category: 'maintenance',
  mode: 'exclude',
  from: '2026-12-01T01:00:00Z',
  to: '2026-12-01T03:00:00Z',
  timeZone: 'UTC',
  occurrences: [
    { from: '2026-12-01T01:00:00Z', to: '2026-12-01T03:00:00Z' },
    { from: '2027-01-01T01:00:00Z', to: '2027-01-01T03:00:00Z' },
  ],
  concerns: [{ agreement: 'orders', hasEffect: false }],
  approvers: ['payments'],
  place: { file: 'x.yaml', line: 1, column: 1 },
};

const calendar: Calendar = {
  from: '2026-11-23T00:00:00Z',
  to: '2027-02-21T00:00:00Z',
  exclusions: [upgrade, { ...upgrade, name: 'other', concerns: [{ agreement: 'elsewhere', hasEffect: true }] }],
  supportHours: [],
};

const answers: Record<string, Answer> = { catalog, teams, status, calendar };

describe('the teams', () => {
  const show = (more: Record<string, Answer> = {}) => showPage(<TeamsPage />, { ...answers, ...more });

  test('each says how what it provides and consumes stands; drafts are not in force', async () => {
    show();
    const table = within(await screen.findByRole('table', { name: 'What each provides and consumes' }));
    const row = within(table.getByRole('link', { name: 'Payments' }).closest('tr')!);
    const [, provides, consumes] = row.getAllByRole('cell');
    expect(provides).toHaveTextContent('3 agreements 1 Breached 1 Met1 not in force');
    expect(consumes).toHaveTextContent('1 agreement 1 At risk');
  });

  test('the matrix tells the worst state of each pair, and leads to its agreements', async () => {
    show();
    const matrix = within(await screen.findByRole('table', { name: 'Who promises what to whom' }));
    expect(matrix.getByRole('link', { name: 'Payments for Checkout: 3 agreements, Breached' })).toHaveAttribute(
      'href',
      '/a/accord-sla-app?provider=payments&consumer=checkout',
    );
    expect(matrix.queryByRole('link', { name: /Databases for Databases/ })).not.toBeInTheDocument();
    expect(matrix.getAllByRole('row')).toHaveLength(3); // its head, and the two that provide
  });

  test('while nothing can be measured it is still told who promises what', async () => {
    show({ status: new Refused(502, 'connection refused') });
    expect(await screen.findByText('How the agreements stand is not known just now')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Payments for Checkout: 3 agreements, none in force' })).toBeVisible();
  });

  test('without a team it says what to do', async () => {
    show({ teams: { teams: [] } });
    expect(await screen.findByText('There are no teams yet')).toBeVisible();
  });
});

describe('a team', () => {
  const show = (name: string) => showPage(<TeamPage />, answers, `/teams/${name}`, '/teams/:name');

  test('how it is reached, and who speaks for it', async () => {
    show('payments');
    expect(await screen.findByRole('link', { name: 'payments@example.org' })).toBeVisible();
    expect(screen.getByText('Members, who sign and approve for it: anna')).toBeVisible();
  });

  test('what it promises, the worst first', async () => {
    show('payments');
    const promised = within(await screen.findByRole('table', { name: 'What it promises' }));
    const names = promised
      .getAllByRole('row')
      .slice(1)
      .map((row) => within(row).getAllByRole('link')[0].textContent);
    expect(names).toEqual(['Refunds', 'Cards', 'Vouchers']);
    expect(promised.getByText('−20 of 100 events')).toBeVisible();
    expect(promised.getByText('Draft')).toBeVisible();
  });

  test('what will not count, and what waits for it', async () => {
    show('payments');
    const ahead = within(await screen.findByRole('table', { name: 'What will not count' }));
    expect(ahead.getAllByRole('row')).toHaveLength(2); // of its own agreements alone
    expect(ahead.getByText(/1 Dec 2026, 01:00 – 1 Dec 2026, 03:00 \(UTC\)/)).toBeVisible();
    expect(ahead.getByText('Waits for its approval')).toBeVisible();
  });

  test('one that is not there says so', async () => {
    show('gone');
    expect(await screen.findByText('There is no team «gone»')).toBeVisible();
  });
});
