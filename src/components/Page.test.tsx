import { type PluginPageProps } from '@grafana/runtime';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { useResource } from '../api/useResource';
import { showPage } from '../testing/page';
import { Page } from './Page';

// Grafana's frame has the actions beside the title.
jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  PluginPage: ({ actions, children }: PluginPageProps) => (
    <>
      {actions}
      {children}
    </>
  ),
}));

test('a tab that is chosen keeps the focus', async () => {
  function Tabbed() {
    const navigate = useNavigate();
    return (
      <Page tabsOf="checkout">
        <button onClick={() => navigate('/checkout/history')}>History</button>
      </Page>
    );
  }
  const { address } = showPage(<Tabbed />, {}, '/checkout', '/checkout/:tab?');
  const tab = await screen.findByRole('button', { name: 'History' });
  await userEvent.click(tab);
  expect(address()).toBe('/checkout/history');
  expect(tab).toHaveFocus();
});

test('what is gone or disabled leaves the focus to what is around it', async () => {
  function Pages() {
    const [page, setPage] = useState(1);
    return (
      <Page>
        <nav>
          <p>
            <button disabled={page === 2} onClick={() => setPage(2)}>
              Next
            </button>
          </p>
          {page === 1 && <button onClick={() => setPage(3)}>Clear</button>}
        </nav>
      </Page>
    );
  }
  showPage(<Pages />, {});
  await userEvent.click(await screen.findByRole('button', { name: 'Clear' }));
  await waitFor(() => expect(screen.getByRole('navigation')).toHaveFocus());
  const next = screen.getByRole('button', { name: 'Next' });
  await userEvent.click(next);
  await waitFor(() => expect(next.parentElement).toHaveFocus());
});

test('a refresh asks again for all that the page shows, not only for what its time is of', async () => {
  function Parts() {
    const status = useResource<{ at: string }>('status');
    const contract = useResource('contract');
    return <Page asOf={status}>{contract.state}</Page>;
  }
  const at = { at: '2026-11-23T12:00:00Z' };
  const { requests } = showPage(<Parts />, { status: at, contract: at });
  await screen.findByText('ready');
  await userEvent.click(screen.getByRole('button', { name: 'Refresh' }));
  await waitFor(() =>
    expect(requests.map(({ url }) => url.split('/').at(-1))).toEqual(['status', 'contract', 'status', 'contract']),
  );
});
