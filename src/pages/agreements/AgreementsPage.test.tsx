import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { catalogOf, figures, reportOf, summary, unknown } from '../../testing/catalog';
import { type Answer, Refused, showPage } from '../../testing/page';
import AgreementsPage from './AgreementsPage';

const catalog = catalogOf(
  [
    summary('payments-for-checkout', { displayName: 'Payments for Checkout', labels: { tier: '1', area: 'shop' } }),
    summary('search-for-storefront', {
      service: 'search-api',
      provider: 'search',
      consumers: ['storefront', 'checkout'],
      labels: { tier: '2', area: 'shop' },
    }),
    summary('queue-for-engineering', { service: 'ci', provider: 'devex', consumers: ['engineering'] }),
    summary('labels-for-checkout', { stage: 'proposed', service: 'labels', provider: 'fulfilment' }),
  ],
  {
    teams: [{ name: 'checkout', displayName: 'Checkout & Cart' }],
    slos: [summary('edge-availability', { provider: undefined, consumers: [], service: 'edge' })],
  },
);

const report = reportOf(
  [
    { name: 'payments-for-checkout', state: 'met', objectives: [figures('availability')] },
    {
      name: 'search-for-storefront',
      state: 'breached',
      objectives: [
        figures('latency', { remaining: 0.9 }),
        figures('availability', {
          state: 'breached',
          group: { region: 'eu' },
          bad: 120,
          remaining: -0.2,
          burn: { '1h': 3 },
        }),
      ],
    },
    { name: 'queue-for-engineering', state: 'no_data', objectives: [unknown('queue')] },
    { name: 'labels-for-checkout', state: 'inactive', objectives: [figures('printed', { remaining: 0.1 })] },
  ],
  { slos: [{ name: 'edge-availability', service: 'edge', state: 'at_risk', objectives: [figures('availability')] }] },
);

const answers: Record<string, Answer> = { catalog, status: report, '/api/ds/query': { results: {} } };

// By what is drawn rather than by role, which takes seconds for fifty rows.
const names = () => [...document.querySelectorAll('tbody tr')].map((row) => row.querySelector('a')!.textContent);

async function show(at = '/a/accord-sla-app/agreements', more: Record<string, Answer> = {}) {
  const shown = showPage(<AgreementsPage />, { ...answers, ...more }, at);
  await screen.findByRole('table');
  return shown;
}

const rowOf = (name: string) => screen.getByRole('link', { name }).closest('tr')!;

test('the worst stand first, with links to their pages', async () => {
  await show();
  expect(names()).toEqual([
    'search-for-storefront',
    'edge-availability',
    'queue-for-engineering',
    'Payments for Checkout',
    'labels-for-checkout',
  ]);
  expect(screen.getByRole('link', { name: 'Payments for Checkout' })).toHaveAttribute(
    'href',
    '/a/accord-sla-app/agreements/payments-for-checkout',
  );
});

test('where nothing was measured there is no burn rate', async () => {
  await show(undefined, {
    status: reportOf([
      { name: 'queue-for-engineering', state: 'no_data', objectives: [unknown('queue', { burn: { '1h': null } })] },
    ]),
  });
  const row = rowOf('queue-for-engineering');
  expect(within(row).queryByText('0')).toBeNull();
});

test('a row tells what was not measured of its figures', async () => {
  await show(undefined, {
    status: reportOf([
      {
        name: 'queue-for-engineering',
        state: 'met',
        objectives: [figures('queue', { remarks: ['41 % of the time was measured', 'another'] })],
      },
    ]),
  });
  expect(within(rowOf('queue-for-engineering')).getByText('41 % of the time was measured; another')).toBeVisible();
});

test('many consumers are counted', async () => {
  const consumers = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
  await show(undefined, { catalog: catalogOf([summary('payments-for-checkout', { consumers })]) });
  expect(screen.getByText('alpha, beta and 3 more')).toBeInTheDocument();
});

test('a row tells of the objective with the least budget left', async () => {
  await show();
  const row = rowOf('search-for-storefront');
  expect(within(row).getByText('−20 of 100 events')).toBeVisible();
  expect(within(row).getByText('availability · region=eu')).toBeVisible();
  expect(within(row).getByText('3')).toBeVisible();
});

test('what is not known is «–», never 0', async () => {
  await show();
  const cells = within(rowOf('queue-for-engineering'))
    .getAllByRole('cell')
    .map((cell) => cell.lastElementChild!.textContent);
  expect(cells.slice(1, 5)).toEqual(['No data', '–', '–', '–']);
});

test('what is no promise at present says so', async () => {
  await show();
  expect(within(rowOf('labels-for-checkout')).getByText('Proposed')).toBeVisible();
  expect(within(rowOf('edge-availability')).getByText('SLO without agreement')).toBeVisible();
});

test.each([
  ['state=breached', ['search-for-storefront']],
  ['state=breached&state=no_data', ['search-for-storefront', 'queue-for-engineering']],
  ['provider=payments', ['Payments for Checkout']],
  ['consumer=storefront', ['search-for-storefront']],
  ['consumer=checkout', ['search-for-storefront', 'Payments for Checkout', 'labels-for-checkout']],
  ['service=ci', ['queue-for-engineering']],
  ['stage=proposed', ['labels-for-checkout']],
  ['stage=none', ['edge-availability']],
  ['label=tier%3D1&label=tier%3D2', ['search-for-storefront', 'Payments for Checkout']],
  ['label=tier%3D1&label=area%3Dshop', ['Payments for Checkout']],
  ['q=cart+PAYMENTS', ['Payments for Checkout']],
  [
    'sort=name',
    [
      'edge-availability',
      'labels-for-checkout',
      'Payments for Checkout',
      'queue-for-engineering',
      'search-for-storefront',
    ],
  ],
  [
    'sort=budget',
    [
      'search-for-storefront',
      'labels-for-checkout',
      'edge-availability',
      'Payments for Checkout',
      'queue-for-engineering',
    ],
  ],
  [
    'sort=-budget',
    [
      'edge-availability',
      'Payments for Checkout',
      'labels-for-checkout',
      'search-for-storefront',
      'queue-for-engineering',
    ],
  ],
  [
    'sort=-burn',
    [
      'search-for-storefront',
      'edge-availability',
      'Payments for Checkout',
      'labels-for-checkout',
      'queue-for-engineering',
    ],
  ],
])('the URL with %s shows what it says', async (query, expected) => {
  await show(`/a/accord-sla-app?${query}`);
  expect(names()).toEqual(expected);
});

test('a search is in the URL, and says how many are left', async () => {
  const { address } = await show('/a/accord-sla-app?stage=active&page=1');
  await userEvent.type(screen.getByRole('textbox', { name: 'Search agreements' }), 'checkout');
  await waitFor(() => expect(names()).toEqual(['search-for-storefront', 'Payments for Checkout']));
  expect(screen.getByRole('status')).toHaveTextContent('2 of 5 agreements');
  await waitFor(() => expect(address()).toBe('/a/accord-sla-app?stage=active&q=checkout'));

  await userEvent.click(screen.getByRole('button', { name: 'Clear all filters' }));
  expect(address()).toBe('/a/accord-sla-app/agreements');
  expect(screen.getByRole('status')).toHaveTextContent('5 agreements');
  expect(screen.getByRole('textbox', { name: 'Search agreements' })).toHaveValue('');
});

test('a filter is chosen among what there is, and is in the URL', async () => {
  const { address } = await show();
  await userEvent.click(screen.getByRole('combobox', { name: 'Consumer' }));
  await userEvent.click(await screen.findByRole('option', { name: /Checkout & Cart/ }));
  expect(address()).toBe('/a/accord-sla-app?consumer=checkout');
  expect(names()).toEqual(['search-for-storefront', 'Payments for Checkout', 'labels-for-checkout']);
});

test('a heading sorts, upwards first, and is in the URL', async () => {
  const { address } = await show();
  const heading = screen.getByRole('button', { name: 'Budget left' });
  await userEvent.click(heading);
  expect(address()).toBe('/a/accord-sla-app?sort=budget');
  expect(heading.closest('th')).toHaveAttribute('aria-sort', 'ascending');
  await userEvent.click(heading);
  expect(address()).toBe('/a/accord-sla-app?sort=-budget');
  expect(heading.closest('th')).toHaveAttribute('aria-sort', 'descending');
});

test('when nothing fits, it is said, and the filters stay', async () => {
  showPage(<AgreementsPage />, answers, '/?q=nowhere');
  expect(await screen.findByText('No agreement fits all of this')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Download CSV' })).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Clear all filters' })).toBeVisible();
});

test('of very many agreements a page is drawn, and the lines of that page are asked for in one request', async () => {
  const many = Array.from({ length: 2000 }, (_, i) => `agreement-${String(i).padStart(4, '0')}`);
  const { requests, address } = await show('/a/accord-sla-app/agreements', {
    catalog: catalogOf(many.map((name) => summary(name))),
    status: reportOf(many.map((name) => ({ name, state: 'met', objectives: [figures('availability')] }))),
  });
  expect(names()).toHaveLength(50);
  expect(screen.getByRole('status')).toHaveTextContent('2,000 agreements');
  const queries = () => requests.filter(({ url }) => url === '/api/ds/query').map(({ data }) => data.queries[0]);
  await waitFor(() => expect(queries()).toHaveLength(1));
  expect(queries()[0]).toMatchObject({ queryType: 'budget', objectives: ['availability'], maxDataPoints: 60 });
  expect(queries()[0].agreements).toEqual(many.slice(0, 50));

  await userEvent.click(screen.getByRole('button', { name: '2' }));
  expect(address()).toBe('/a/accord-sla-app?page=2');
  expect(names()[0]).toBe('agreement-0050');
  await waitFor(() => expect(queries()).toHaveLength(2));
});

test('the budget over time is drawn, and told in words', async () => {
  const frame = {
    schema: {
      fields: [
        { name: 'time', type: 'time' },
        { name: 'value', type: 'number', labels: { agreement: 'payments-for-checkout', objective: 'availability' } },
      ],
    },
    data: {
      values: [
        [0, 1000, 2000],
        [0.9, null, 0.6],
      ],
    },
  };
  await show('/', { '/api/ds/query': { results: { A: { frames: [frame] } } } });
  expect(await screen.findByRole('img', { name: 'Error budget left, from 90 % to 60 % in 30 days' })).toBeVisible();
});

test('without figures the agreements are there all the same, with the reason', async () => {
  await show('/', { status: new Refused(502, 'connection refused') });
  expect(screen.getByText('How the agreements stand is not known just now')).toBeVisible();
  expect(screen.getByText('connection refused')).toBeVisible();
  expect(names()).toContain('Payments for Checkout');
  const cells = within(rowOf('Payments for Checkout')).getAllByRole('cell');
  expect(cells[1].lastElementChild).toHaveTextContent('–');
});

test('an empty catalog says how to begin', async () => {
  showPage(<AgreementsPage />, { ...answers, catalog: catalogOf([]) });
  expect(await screen.findByRole('link', { name: 'Write the first agreement' })).toHaveAttribute(
    'href',
    '/a/accord-sla-app/documents?new=Agreement',
  );
});

test('who may not read is told so', async () => {
  showPage(<AgreementsPage />, { ...answers, catalog: new Refused(403, 'you may not') });
  expect(await screen.findByRole('alert')).toHaveTextContent('you may not');
});

test('a search may hold anything', async () => {
  showPage(<AgreementsPage />, answers, `/?q=${encodeURIComponent('<b>(.*[')}`);
  expect(await screen.findByText('No agreement fits all of this')).toBeVisible();
});
