import { type FieldSparkline } from '@grafana/data';
import { locationService, type PluginPageProps } from '@grafana/runtime';
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type AgreementList, type AgreementRow } from '../../api/types';
import { type Answer, Refused, showPage } from '../../testing/page';
import AgreementsPage from './AgreementsPage';

// It draws on a canvas, which jsdom has not. Grafana 12 narrows its scale by the field's config, 13 widens it.
function mockScale({ sparkline: { y } }: { sparkline: FieldSparkline }) {
  const { min, max } = y.state!.range!;
  return `from ${Math.max(min!, y.config.min ?? -Infinity)} to ${Math.min(max!, y.config.max ?? Infinity)}`;
}
jest.mock('@grafana/ui', () => ({ ...jest.requireActual('@grafana/ui'), Sparkline: mockScale }));

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

const row = (name: string, more: Partial<AgreementRow> = {}): AgreementRow => ({
  key: `Agreement/${name}`,
  kind: 'Agreement',
  name,
  leftOut: false,
  stage: 'active',
  state: 'met',
  alertValue: null,
  target: 0.999,
  compliance: 0.9982,
  remaining: 0.983,
  amount: '3,600 of 3,660 events',
  burn: 0.4,
  window: 'last 30d',
  provider: { name: 'payments', displayName: 'Payments' },
  consumers: [{ name: 'checkout', displayName: 'Checkout & Cart' }],
  moreConsumers: 0,
  ...more,
});

const list = (rows: AgreementRow[], more: Partial<AgreementList> = {}): AgreementList => ({
  at: '2026-11-23T12:00:00Z',
  rows,
  total: rows.length,
  page: 1,
  pageSize: 50,
  all: rows.length,
  tiles: [
    { value: 'breached', label: 'Breached', count: 1 },
    { value: 'firing', label: 'Firing', count: 2 },
  ],
  chosen: {},
  unmeasured: [],
  ...more,
});

const trends = {
  at: '2026-11-23T12:00:00Z',
  trends: { 'Agreement/search': { values: [1, null, 0.6], text: 'Error budget left over 30 days: from 100% to 60%' } },
};

const home = '/a/accord-sla-app';

async function show(answer: AgreementList, at = home, more: Record<string, Answer> = {}) {
  const shown = showPage(
    <AgreementsPage />,
    { 'pages/agreements': answer, 'pages/agreements/trends': trends, ...more },
    at,
  );
  await screen.findByRole('group', { name: 'Agreements by state' });
  return { ...shown, asked: () => shown.requests.map(({ url }) => url.replace(/^.*resources\//, '')) };
}

const cellsOf = (link: string) =>
  within(screen.getByRole('link', { name: link }).closest('tr')!)
    .getAllByRole('cell')
    .map((cell) => cell.textContent);

test('a row is what the backend says of an agreement, in its order', async () => {
  await show(
    list([
      row('search', {
        displayName: 'Search for Storefront',
        state: 'breached',
        reason: 'The budget was spent on 26 Apr 2026',
        alert: 'page',
        alertValue: 22.3,
        compliance: 0.9982,
        remaining: -0.749,
        burn: 321,
        moreConsumers: 2,
      }),
      row('payments'),
    ]),
  );
  expect(cellsOf('Search for Storefront')).toEqual([
    'Search for StorefrontThe budget was spent on 26 Apr 2026Payments → Checkout & Cart and 2 more',
    'Breached',
    'Page 22.3',
    '99.82% / 99.9%',
    '-74.9%',
    '321',
    expect.any(String),
    'last 30d',
  ]);
  expect(screen.getByRole('link', { name: 'Search for Storefront' })).toHaveAttribute(
    'href',
    `${home}/agreements/search`,
  );
  expect(screen.getAllByRole('link', { name: 'Payments' })[0]).toHaveAttribute('href', `${home}/teams/payments`);
  expect(screen.getAllByRole('row').map((one) => within(one).queryAllByRole('link')[0]?.textContent)).toEqual([
    undefined,
    'Search for Storefront',
    'payments',
  ]);
});

test('what is not measured is «–», never 0, and says why', async () => {
  await show(
    list(
      [
        row('queue', {
          state: 'no_data',
          reason: 'Nothing was measured',
          compliance: null,
          remaining: null,
          burn: null,
        }),
      ],
      { unmeasured: ['connection refused'] },
    ),
  );
  expect(cellsOf('queue')).toEqual([
    'queueNothing was measuredPayments → Checkout & Cart',
    'No data',
    '',
    '– / 99.9%',
    '–',
    '–',
    '–',
    'last 30d',
  ]);
  expect(screen.getByText('connection refused')).toBeVisible();
});

test('what is proposed is never shown as met, and an SLO without agreement is marked', async () => {
  await show(list([row('labels', { stage: 'proposed', state: 'met' }), row('edge', { kind: 'SLO', provider: null })]));
  expect(cellsOf('labels')[1]).toBe('Proposed');
  expect(cellsOf('edge')[0]).toBe('edgeSLO without agreement');
});

test('an agreement that was left out leads to its document', async () => {
  const reason = 'Not read: slas.yaml:83:166: spec.objectives[0].target: must be in (0, 1], got 2';
  await show(
    list([row('wrong', { leftOut: true, state: 'no_data', reason })], { findings: 'The documents have 1 error' }),
  );
  expect(screen.getByText(reason)).toBeVisible();
  expect(screen.getByRole('link', { name: 'wrong' })).toHaveAttribute('href', `${home}/documents/Agreement/wrong`);
  expect(screen.getByRole('link', { name: 'See the findings' })).toHaveAttribute('href', `${home}/documents/findings`);
});

test('a tile shows its agreements alone, and all again', async () => {
  const { address, asked } = await show(list([row('payments')]), `${home}?sort=-burn&page=2`);
  const tile = screen.getByRole('button', { name: '1 Breached' });
  await userEvent.click(tile);
  expect(address()).toBe(`${home}?sort=-burn&state=breached`);
  expect(tile).toHaveAttribute('aria-pressed', 'true');
  await waitFor(() => expect(asked()).toContain('pages/agreements?sort=-burn&state=breached'));
  await userEvent.click(tile);
  expect(address()).toBe(`${home}?sort=-burn`);
});

test('a filter offers what the backend has, and is in the URL', async () => {
  const choices = { choices: [{ value: 'checkout', label: 'Checkout & Cart', count: 12 }] };
  const { address, asked } = await show(list([row('payments')]), `${home}?state=firing`, {
    'pages/agreements/choices': choices,
  });
  await userEvent.click(screen.getByRole('combobox', { name: 'Consumer' }));
  await userEvent.click(await screen.findByRole('option', { name: 'Checkout & Cart (12)' }));
  expect(address()).toBe(`${home}?state=firing&consumer=checkout`);
  expect(asked()).toContain('pages/agreements/choices?filter=consumer&typed=&state=firing');
});

test('a search is in the URL after a pause, and the filters can be cleared', async () => {
  const { address } = await show(
    list([row('payments')], { total: 1, all: 5, chosen: { provider: 'Payments' } }),
    `${home}?provider=payments`,
  );
  expect(screen.getByRole('combobox', { name: 'Provider' })).toHaveValue('Payments');
  expect(screen.getByText('1 of 5')).toBeVisible();
  fireEvent.change(screen.getByRole('textbox', { name: 'Search agreements' }), { target: { value: 'cart <b>(.*[' } });
  await waitFor(() => expect(new URLSearchParams(address().split('?')[1]).get('search')).toBe('cart <b>(.*['));
  await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
  expect(address()).toBe(home);
  expect(screen.getByRole('textbox', { name: 'Search agreements' })).toHaveValue('');
});

test('a heading sorts, and the pages of many are asked for one by one', async () => {
  const { address, asked } = await show(list([row('payments')], { total: 10_000, all: 10_000 }));
  await userEvent.click(screen.getByRole('button', { name: 'Sort column Budget left' }));
  expect(address()).toBe(`${home}?sort=remaining`);
  await userEvent.click(screen.getByRole('button', { name: '2' }));
  expect(address()).toBe(`${home}?sort=remaining&page=2`);
  await waitFor(() => expect(asked()).toContain('pages/agreements?sort=remaining&page=2'));
  expect(asked().every((path) => path.startsWith('pages/agreements'))).toBe(true);
});

test('a sort outlasts a search that finds nothing, and Back brings that of before', async () => {
  const answers: Record<string, Answer> = { 'pages/agreements': list([row('payments')]) };
  const { address } = showPage(<AgreementsPage />, answers, `${home}?page=3`);
  const heading = (name: string) => screen.findByRole('columnheader', { name: new RegExp(name) });
  const sort = (name: string) => userEvent.click(screen.getByRole('button', { name: `Sort column ${name}` }));
  await heading('State');
  await sort('State');
  expect(screen.getByRole('button', { name: 'Sort column State' })).toHaveFocus();
  answers['pages/agreements'] = list([], { all: 5 });
  act(() => locationService.partial({ search: 'nowhere' }));
  await screen.findByText('No agreement matches all of this');
  answers['pages/agreements'] = list([row('payments')]);
  act(() => locationService.partial({ search: null, page: '2' }));
  expect(await heading('State')).toHaveAttribute('aria-sort', 'ascending');
  expect(address()).toBe(`${home}?sort=state&page=2`);
  act(() => locationService.partial({ search: 'pay' }));
  await sort('Budget left');
  expect(address()).toBe(`${home}?sort=remaining&search=pay`);
  act(() => locationService.getHistory().goBack());
  await waitFor(async () => expect(await heading('State')).toHaveAttribute('aria-sort', 'ascending'));
  expect(address()).toBe(`${home}?sort=state&page=2`);
});

test('what was typed just before the filters are cleared is cleared, too', async () => {
  const { address } = await show(list([row('payments')], { chosen: { state: 'Met' } }), `${home}?state=met`);
  await userEvent.type(screen.getByRole('textbox', { name: 'Search agreements' }), 'cart');
  await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
  expect(screen.getByRole('textbox', { name: 'Search agreements' })).toHaveValue('');
  await act(() => new Promise((resolve) => setTimeout(resolve, 400)));
  expect(address()).toBe(home);
});

test('CSV that is clicked right after the search was typed has that search', async () => {
  await show(list([row('payments')]), `${home}?page=2`);
  await userEvent.type(screen.getByRole('textbox', { name: 'Search agreements' }), 'cart');
  const csv = screen.getByRole('link', { name: 'CSV' });
  await userEvent.pointer({ target: csv, keys: '[MouseLeft>]' });
  expect(csv).toHaveAttribute('href', expect.stringContaining('pages/agreements?search=cart&format=csv'));
});

test('a filter whose rows cannot be had leaves those of before, with the reason beside them', async () => {
  const answers: Record<string, Answer> = { 'pages/agreements': list([row('payments')]) };
  showPage(<AgreementsPage />, answers, home);
  await screen.findByRole('link', { name: 'payments' });
  answers['pages/agreements'] = new Refused(502, 'the backend is away');
  act(() => locationService.partial({ state: 'met' }));
  expect(await screen.findByText('the backend is away')).toBeVisible();
  expect(screen.getByRole('link', { name: 'payments' })).toBeVisible();
  answers['pages/agreements'] = list([row('search')]);
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('link', { name: 'search' })).toBeVisible();
  expect(screen.queryByText('the backend is away')).not.toBeInTheDocument();
  answers['pages/agreements'] = new Refused(403, 'you may not');
  act(() => locationService.partial({ state: 'breached' }));
  expect(await screen.findByText('You may not see this')).toBeVisible();
  expect(screen.queryByRole('link', { name: 'search' })).not.toBeInTheDocument();
});

test('a filter has never the words of another value, though its own are awaited', async () => {
  const answers = { 'pages/agreements/choices': { choices: [{ value: 'search', label: 'Search', count: 1 }] } };
  const all: Record<string, Answer> = {
    ...answers,
    'pages/agreements': list([row('payments')], { chosen: { provider: 'Payments' } }),
  };
  showPage(<AgreementsPage />, all, `${home}?provider=payments`);
  const provider = await screen.findByRole('combobox', { name: 'Provider' });
  expect(provider).toHaveValue('Payments');
  let answer: (value: AgreementList) => void = () => undefined;
  all['pages/agreements'] = new Promise((resolve) => (answer = resolve));
  await userEvent.click(provider);
  await userEvent.click(await screen.findByRole('option', { name: 'Search (1)' }));
  expect(provider).toHaveValue('search');
  await act(async () => answer(list([row('search')], { chosen: { provider: 'Search' } })));
  await waitFor(() => expect(provider).toHaveValue('Search'));
});

test('a page beyond the last is shown as the last, which it is', async () => {
  await show(list([row('payments')], { total: 60, page: 2 }), `${home}?page=7`);
  expect(screen.getByRole('button', { name: '2' })).toHaveAttribute('aria-current', 'page');
  expect(screen.getByRole('button', { name: 'next page' })).toBeDisabled();
});

test('a trend is drawn and put into words; one that failed comes back with the next renewal', async () => {
  const answers: Record<string, Answer> = {
    'pages/agreements': list([row('search')]),
    'pages/agreements/trends': new Refused(502, 'gone'),
  };
  jest.useFakeTimers({ advanceTimers: true });
  try {
    showPage(<AgreementsPage />, answers, home);
    const link = await screen.findByRole('link', { name: 'search' });
    expect(cellsOf('search')[6]).toBe('–');
    link.focus();
    answers['pages/agreements/trends'] = trends;
    act(() => jest.advanceTimersByTime(60_000));
    expect(await screen.findByRole('img', { name: trends.trends['Agreement/search'].text })).toBeVisible();
    expect(link).toHaveFocus();
  } finally {
    jest.useRealTimers();
  }
});

test('the scale of a trend goes from nothing to all of the budget, and down to where it is overspent', async () => {
  await show(list([row('search'), row('ci')]), home, {
    'pages/agreements/trends': {
      at: trends.at,
      trends: {
        'Agreement/search': { values: [0.8, null, 0.6], text: 'search' },
        'Agreement/ci': { values: [-0.25, null, -0.5], text: 'ci' },
      },
    },
  });
  expect(await screen.findByRole('img', { name: 'search' })).toHaveTextContent('from 0 to 1');
  expect(screen.getByRole('img', { name: 'ci' })).toHaveTextContent('from -0.5 to 1');
});

test('when nothing matches it is said, and the filters stay', async () => {
  await show(list([], { all: 5 }), `${home}?search=nowhere`);
  expect(screen.getByText('No agreement matches all of this')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Clear filters' })).toBeVisible();
});

test('an empty catalog leads to the first agreement', async () => {
  showPage(<AgreementsPage />, { 'pages/agreements': list([]) });
  expect(await screen.findByRole('link', { name: 'Create the first agreement' })).toHaveAttribute(
    'href',
    `${home}/documents?new=Agreement`,
  );
});

test('who may not read is told so, in the words of the backend', async () => {
  showPage(<AgreementsPage />, { 'pages/agreements': new Refused(403, 'you may not') });
  expect(await screen.findByRole('alert')).toHaveTextContent('you may not');
});
