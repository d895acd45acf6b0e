import { render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter, Route, Routes, useLocation } from 'react-router-dom';
import App from './App';
import { catalogOf, reportOf, summary } from './testing/catalog';
import { letAnswer, listDataSources } from './testing/page';

const payments = { uid: 'a', name: 'Payments' };
const platform = { uid: 'b', name: 'Platform', isDefault: true };

/** Shows the app as Grafana mounts it: at its own path, below which its pages are. */
function show(at: string, sources: Parameters<typeof listDataSources>[0]) {
  listDataSources(sources);
  const requests = letAnswer({ catalog: catalogOf([summary('payments')]), status: reportOf([]), teams: { teams: [] } });
  let address = '';
  const Address = () => {
    const { pathname, search } = useLocation();
    address = pathname + search;
    return null;
  };
  render(
    <MemoryRouter
      initialEntries={[`/a/accord-sla-app${at}`]}
      future={{ v7_startTransition: false, v7_relativeSplatPath: false }}
    >
      <Address />
      <Routes>
        <Route path="/a/accord-sla-app/*" element={<App />} />
      </Routes>
    </MemoryRouter>,
  );
  const asked = () => [...new Set(requests.map(({ url }) => url.split('/resources/')[0]))];
  return { address: () => address, asked };
}

beforeEach(() => localStorage.clear());

test('without a data source it says how to begin', () => {
  show('', []);
  expect(screen.getByRole('link', { name: 'Add an Accord data source' })).toHaveAttribute(
    'href',
    '/connections/datasources/accord-sla-datasource',
  );
});

test('the first page is the overview', async () => {
  const { asked } = show('', [payments]);
  expect(await screen.findByRole('navigation', { name: 'Agreements by state' })).toBeVisible();
  expect(asked()).toEqual(['/api/datasources/uid/a']);
});

test('a page has its own address', async () => {
  show('/agreements', [payments]);
  expect(await screen.findByRole('search', { name: 'Search agreements' })).toBeVisible();
});

test('an address that is none says so, with the way back', async () => {
  show('/nowhere', [payments]);
  expect(await screen.findByText('There is no such page')).toBeVisible();
  expect(screen.getByRole('link', { name: 'To the overview' })).toHaveAttribute('href', '/a/accord-sla-app');
});

test('of several data sources the default one is shown, and is part of the address', async () => {
  const { address, asked } = show('', [payments, platform]);
  await waitFor(() => expect(asked()).toEqual(['/api/datasources/uid/b']));
  expect(address()).toBe('/a/accord-sla-app?ds=b');
});

test('the data source of the address is shown, and remembered', async () => {
  const { asked } = show('?ds=a', [payments, platform]);
  await waitFor(() => expect(asked()).toEqual(['/api/datasources/uid/a']));
  const { address } = show('', [payments, platform]);
  await waitFor(() => expect(address()).toBe('/a/accord-sla-app?ds=a'));
});

test('a data source that is not there is said to be missing', () => {
  show('?ds=gone', [payments]);
  expect(screen.getByText('There is no Accord data source «gone»')).toBeVisible();
});
