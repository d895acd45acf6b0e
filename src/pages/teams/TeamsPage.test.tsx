import { cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type Matrix, type Tally, type TeamPage as Team, type TeamRows } from '../../api/types';
import { Refused, showPage } from '../../testing/page';
import TeamPage from './TeamPage';
import TeamsPage from './TeamsPage';

const home = '/a/accord-sla-app';
const at = '2026-11-23T12:00:00Z';
const none: Tally = { count: 0, worst: null, text: '' };
const some: Tally = { count: 3, worst: 'breached', text: '1 breached, 1 met, 1 not active' };
const paging = { total: 2, page: 1, pageSize: 50 };

const teams: TeamRows = {
  at,
  rows: [
    { name: 'payments', displayName: 'Payments', provides: some, consumes: none },
    { name: 'checkout', provides: none, consumes: { count: 1, worst: null, text: '1 not active' } },
  ],
  all: 2,
  unmeasured: [],
  ...paging,
};

const matrix: Matrix = {
  at,
  consumers: [{ name: 'checkout' }, { name: 'search', displayName: 'Search' }],
  moreConsumers: 4,
  rows: [{ name: 'payments', displayName: 'Payments', cells: { search: some } }],
  unmeasured: [],
  ...paging,
};

const team: Team = {
  at,
  name: 'payments',
  displayName: 'Payments',
  members: ['anna'],
  contacts: [{ name: 'hook', type: 'webhook', target: '' }],
  provides: [],
  providesTally: none,
  consumes: [],
  consumesTally: none,
  dues: [
    {
      kind: 'Exclusion',
      name: 'upgrade',
      displayName: 'Upgrade',
      text: 'Approve it',
      at: '2026-12-01T12:00:00Z',
      timeZone: 'Pacific/Kiritimati',
    },
  ],
  unmeasured: [],
};

const cells = (row: string) =>
  within(screen.getByRole('link', { name: row }).closest('tr')!)
    .getAllByRole('cell')
    .map((cell) => cell.textContent);

test('each team says how what it provides and consumes stands', async () => {
  const { address, requests } = showPage(<TeamsPage />, { 'pages/teams': teams }, `${home}/teams`);
  expect(await screen.findByRole('link', { name: 'Payments' })).toHaveAttribute('href', `${home}/teams/payments`);
  expect(cells('Payments')).toEqual(['Payments', 'Breached1 breached, 1 met, 1 not active', '–']);
  expect(cells('checkout')).toEqual(['checkout', '–', '1 not active']);
  await userEvent.click(screen.getByRole('button', { name: 'Sort column Provides' }));
  expect(address()).toBe(`${home}/teams?sort=provides`);
  expect(requests.map(({ url }) => url).every((url) => url.includes('/pages/teams'))).toBe(true);
});

test('the matrix tells the worst state of each pair, and leads to its agreements', async () => {
  showPage(<TeamsPage />, { 'pages/matrix': matrix }, `${home}/teams?tab=matrix`);
  expect(
    await screen.findByRole('link', { name: 'Payments for Search, 3: 1 breached, 1 met, 1 not active' }),
  ).toHaveAttribute('href', `${home}?provider=payments&consumer=search`);
  expect(screen.queryByRole('link', { name: /Payments for checkout/ })).not.toBeInTheDocument();
  expect(screen.getByText('4 more consumers: search for a provider.')).toBeVisible();
});

test('a matrix without a promise leads to the first one, and with a filter says what it keeps', async () => {
  const empty = { 'pages/matrix': { ...matrix, consumers: [], rows: [], total: 0 } };
  showPage(<TeamsPage />, empty, `${home}/teams?tab=matrix`);
  expect(await screen.findByText('No team promises anything to another yet')).toBeVisible();
  expect(screen.getByRole('link', { name: 'New agreement' })).toHaveAttribute(
    'href',
    `${home}/documents?new=Agreement`,
  );
  cleanup();
  showPage(<TeamsPage />, empty, `${home}/teams?tab=matrix&search=x`);
  expect(await screen.findByText('No such team provides anything to this consumer')).toBeVisible();
});

test('the matrix is of one consumer where the address says so, and the filter offers those there are', async () => {
  const choices = [{ value: 'search', label: 'Search', count: 3 }];
  const { requests, address } = showPage(
    <TeamsPage />,
    { 'pages/matrix': matrix, 'pages/agreements/choices': { choices } },
    `${home}/teams?tab=matrix`,
  );
  await userEvent.click(await screen.findByRole('combobox', { name: 'Consumer' }));
  await userEvent.click(await screen.findByRole('option', { name: 'Search (3)' }));
  expect(address()).toBe(`${home}/teams?tab=matrix&consumer=search`);
  expect(requests.at(-1)?.url).toContain('pages/matrix?tab=matrix&consumer=search');
  expect(screen.getByRole('combobox', { name: 'Consumer' })).toHaveValue('Search');
});

test('a team says what waits for it, and how to reach it', async () => {
  showPage(<TeamPage />, { 'pages/teams/payments': team }, `${home}/teams/payments`, `${home}/teams/:name`);
  expect(await screen.findByRole('link', { name: 'Upgrade' })).toHaveAttribute(
    'href',
    `${home}/exclusions?open=upgrade`,
  );
  expect(cells('Upgrade')).toEqual(['Upgrade', 'Approve it', '2026-12-02']);
  expect(screen.getByText('It provides nothing to other teams.')).toBeVisible();
  expect(screen.getByText('webhook').closest('li')).toHaveTextContent('webhook hook');
  expect(screen.getByText('Members, who sign and approve for it: anna')).toBeVisible();
});

test('a team that is not there says so', async () => {
  const refused = new Refused(404, 'there is no team "paymets" (did you mean payments?)');
  showPage(<TeamPage />, { 'pages/teams/paymets': refused }, `${home}/teams/paymets`, `${home}/teams/:name`);
  expect(await screen.findByRole('alert')).toHaveTextContent('did you mean payments?');
});

test('what is not there is no matter of the settings, which are linked where they may be at fault', async () => {
  const show = (status: number) =>
    showPage(
      <TeamPage />,
      { 'pages/teams/x': new Refused(status, 'says why') },
      `${home}/teams/x`,
      `${home}/teams/:name`,
    );
  const settings = () => screen.queryByRole('link', { name: 'Settings of the data source Accord' });
  show(404);
  expect(await screen.findByText('says why')).toBeVisible();
  expect(settings()).not.toBeInTheDocument();
  cleanup();
  show(400);
  expect(await screen.findByText('says why')).toBeVisible();
  expect(settings()).toBeVisible();
});
