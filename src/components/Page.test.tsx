import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useNavigate } from 'react-router-dom';
import { showPage } from '../testing/page';
import { Page } from './Page';

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
