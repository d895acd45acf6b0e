import { type GrafanaConfig, locationUtil } from '@grafana/data';
import { config, locationService } from '@grafana/runtime';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Link, Route, Routes } from 'react-router-dom';
import App from './App';
import { GrafanaRouter } from './testing/GrafanaRouter';
import { type Answer, letAnswer, listDataSources, shownAddress } from './testing/page';

const payments = { uid: 'a', name: 'Payments' };
const platform = { uid: 'b', name: 'Platform', isDefault: true };
const search = { uid: 'c', name: 'Search' };

/** Shows the app as Grafana mounts it: at its own path, below which its pages are. */
function show(at: string, sources: Parameters<typeof listDataSources>[0]) {
  cleanup();
  listDataSources(sources);
  const answers: Record<string, Answer> = {
    'pages/agreements': { rows: [], total: 0, all: 0, tiles: [], chosen: {}, unmeasured: [] },
  };
  const requests = letAnswer(answers);
  locationService.replace(`/a/accord-sla-app${at}`);
  render(
    <GrafanaRouter>
      <Link to="/a/accord-sla-app?ds=c">Search</Link>
      <Routes>
        <Route path="/a/accord-sla-app/*" element={<App />} />
      </Routes>
    </GrafanaRouter>,
  );
  const asked = () => [...new Set(requests.map(({ url }) => url.split('/resources/')[0]))];
  const resources = () => requests.map(({ url }) => url.replace(/^.*\/resources\//, '').replace(/\?.*$/, ''));
  return { address: shownAddress, answers, asked, resources };
}

beforeEach(() => {
  localStorage.clear();
  config.bootData.user.permissions = { 'datasources:create': true };
});

test('without a data source it leads to a new one, or to whoever may make it', () => {
  config.bootData.user.permissions = {};
  show('', []);
  expect(screen.getByText(/Ask an administrator of Grafana for one/)).toBeVisible();
  expect(screen.queryByRole('link', { name: 'Add an Accord data source' })).not.toBeInTheDocument();
  config.bootData.user.permissions = { 'datasources:create': true };
  show('', []);
  expect(screen.getByRole('link', { name: 'Add an Accord data source' })).toHaveAttribute(
    'href',
    '/connections/datasources/accord-sla-datasource',
  );
});

test('the first page is that of the agreements', async () => {
  const { asked } = show('', [payments]);
  expect(await screen.findByText('There are no agreements yet')).toBeVisible();
  expect(asked()).toEqual(['/api/datasources/uid/a']);
});

test.each([
  ['/agreements?state=breached', '?state=breached'],
  ['/calendar', '/exclusions'],
  ['/workbench?new=Team', '/documents?new=Team'],
  ['/workbench/Team/a%2Fb', '/documents/Team/a%2Fb'],
  ['/health', '/documents/findings'],
])('the earlier address %s leads to where its page is now', async (before, now) => {
  const { address } = show(before, [payments]);
  await waitFor(() => expect(address()).toBe(`/a/accord-sla-app${now}`));
});

test.each([
  ['/agreements/a%2Fb', 'pages/agreement/status/a%2Fb'],
  ['/slos/a%2Fb/history', 'pages/agreement/status/a%2Fb'],
  ['/teams', 'pages/teams'],
  ['/teams/payments', 'pages/teams/payments'],
  ['/exclusions', 'pages/exclusions'],
  ['/statements', 'pages/statements'],
  ['/documents', 'documents'],
  ['/documents/findings', 'pages/findings'],
  ['/documents/Team/payments', 'editor/Team/payments'],
])('the page at %s asks for %s', async (at, resource) => {
  const { resources } = show(at, [payments]);
  await waitFor(() => expect(resources()).toContain(resource));
});

test('an address that is none says so, with the way back', async () => {
  show('/nowhere', [payments]);
  expect(await screen.findByText('There is no such page')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Agreements' })).toHaveAttribute('href', '/a/accord-sla-app');
});

test('of several data sources the default one is shown, and is part of the address', async () => {
  const { address, asked } = show('', [payments, platform]);
  await waitFor(() => expect(asked()).toEqual(['/api/datasources/uid/b']));
  expect(address()).toBe('/a/accord-sla-app?ds=b');
});

test('that the data source becomes part of the address has no list asked for once more', async () => {
  const { address, answers, resources } = show('/exclusions', [payments, platform]);
  answers['pages/exclusions'] = new Promise(() => undefined);
  await waitFor(() => expect(resources()).toContain('pages/exclusions'));
  expect(address()).toBe('/a/accord-sla-app/exclusions?ds=b');
  expect(resources()).toEqual(['pages/exclusions']);
});

test('the data source of the address is shown, and remembered', async () => {
  const databases = { uid: 'd', name: 'Databases' };
  const { asked } = show('/teams?ds=d', [databases, platform]);
  await waitFor(() => expect(asked()).toEqual(['/api/datasources/uid/d']));
  const { address, resources } = show('', [databases, platform]);
  expect(await screen.findByText('There are no agreements yet')).toBeVisible();
  expect(address()).toBe('/a/accord-sla-app?ds=d');
  expect(resources()).toEqual(['pages/agreements']);
});

test('of another data source nothing is shown that was of the one before', async () => {
  const { answers } = show('?ds=a', [payments, search]);
  expect(await screen.findByText('There are no agreements yet')).toBeVisible();
  answers['pages/agreements'] = new Promise(() => undefined);
  await userEvent.click(screen.getByRole('link', { name: 'Search' }));
  expect(await screen.findByText('Loading …')).toBeVisible();
  expect(screen.queryByText('There are no agreements yet')).not.toBeInTheDocument();
});

test('where Grafana is served below a path, what leads on begins with it', () => {
  const under = (appSubUrl: string) =>
    locationUtil.initialize({
      config: { appSubUrl } as GrafanaConfig,
      getVariablesUrlParams: () => ({}),
      getTimeRangeForUrl: () => ({ from: 'now-1h', to: 'now' }),
    });
  const leadsTo = (name: string) => screen.getByRole('link', { name }).getAttribute('href');
  under('/grafana');
  show('', []);
  expect(leadsTo('Add an Accord data source')).toBe('/grafana/connections/datasources/accord-sla-datasource');
  show('?ds=gone', [payments]);
  expect(leadsTo('Show another one')).toBe('/grafana/a/accord-sla-app');
  under('');
});

test('a data source that is not there is said to be missing', () => {
  show('?ds=gone', [payments]);
  expect(screen.getByText('There is no Accord data source «gone»')).toBeVisible();
});
