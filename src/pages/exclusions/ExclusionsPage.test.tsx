import { type BusEventWithPayload, type EventBus } from '@grafana/data';
import { locationService, type PluginPageProps, setAppEvents } from '@grafana/runtime';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type ExclusionPage, type ExclusionRow, type ExclusionRows } from '../../api/types';
import { Refused, showPage } from '../../testing/page';
import ExclusionsPage from './ExclusionsPage';

// It draws on a canvas, which jsdom has not.
jest.mock('./Timeline', () => ({ __esModule: true, default: () => null }));

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

const home = '/a/accord-sla-app/exclusions';

const row = (name: string, more: Partial<ExclusionRow> = {}): ExclusionRow => ({
  name,
  reason: 'The database moves',
  category: 'maintenance',
  phase: 'planned',
  approval: 'proposed',
  approvalText: 'Needs the approval of one of: Payments',
  from: '2027-01-31T01:00:00Z',
  to: '2027-01-31T03:00:00Z',
  timeZone: 'UTC',
  agreements: [{ name: 'orders', displayName: 'Orders' }],
  moreAgreements: 2,
  requestedBy: { name: 'databases' },
  approvedBy: null,
  ...more,
});

const list = (rows: ExclusionRow[]): ExclusionRows => ({
  at: '2026-11-23T12:00:00Z',
  rows,
  total: rows.length,
  page: 1,
  pageSize: 50,
  all: rows.length,
  phases: [{ value: 'planned', label: 'Planned', count: 1 }],
  approvals: [{ value: 'proposed', label: 'Proposed', count: 1 }],
  mayPropose: true,
  writable: true,
});

const page: ExclusionPage = {
  ...row('upgrade', { displayName: 'Upgrade' }),
  mode: 'exclude',
  occurrences: [{ from: '2027-01-31T01:00:00Z', to: '2027-01-31T03:00:00Z' }],
  concerns: [{ name: 'orders', displayName: 'Orders', hasEffect: false }],
  approvers: [{ name: 'payments', displayName: 'Payments', members: ['anna'] }],
  hash: 'abc',
  permission: { mayPropose: false, writable: true },
  approveAs: { name: 'payments', displayName: 'Payments' },
  approvedText: 'kind: Exclusion\nspec: {approvedBy: payments}\n',
};

test('an exclusion says when it is, and who can approve it', async () => {
  const { address } = showPage(<ExclusionsPage />, { 'pages/exclusions': list([row('upgrade')]) }, home);
  const cells = within((await screen.findByRole('link', { name: 'upgrade' })).closest('tr')!).getAllByRole('cell');
  expect(cells.map((cell) => cell.textContent)).toEqual([
    'upgradeThe database moves',
    'Planned',
    'ProposedNeeds the approval of one of: Payments',
    expect.stringMatching(/^2027-01-3.* – 2027-01-3/),
    'Ordersand 2 more',
  ]);
  await userEvent.click(screen.getByRole('radio', { name: 'Planned (1)' }));
  expect(address()).toBe(`${home}?phase=planned`);
});

test('what is clicked stays in the address, though the address was changed since it was drawn', async () => {
  const { address } = showPage(<ExclusionsPage />, { 'pages/exclusions': list([row('upgrade')]) }, home);
  const planned = await screen.findByRole('radio', { name: 'Planned (1)' });
  act(() => {
    // As the timeline does, once it has come.
    locationService.partial({ from: 'now-14d' }, true);
    planned.click();
  });
  expect(address()).toBe(`${home}?from=now-14d&phase=planned`);
});

test('that only those of an agreement are shown is said, and taken back', async () => {
  const { address } = showPage(<ExclusionsPage />, { 'pages/exclusions': list([]) }, `${home}?agreement=orders&team=a`);
  await userEvent.click(await screen.findByRole('button', { name: 'Clear filter: orders, a' }));
  expect(address()).toBe(home);
  expect(screen.queryByRole('button', { name: /^Clear filter/ })).not.toBeInTheDocument();
});

test('the link of an exclusion keeps every filter', async () => {
  const filters = 'agreement=orders&agreement=search&team=a&team=b';
  showPage(<ExclusionsPage />, { 'pages/exclusions': list([row('upgrade')]) }, `${home}?${filters}`);
  expect(await screen.findByRole('link', { name: 'upgrade' })).toHaveAttribute(
    'href',
    `${home}?${filters}&open=upgrade`,
  );
});

test('a member approves with the text that the backend made, over the document that was read', async () => {
  const { requests } = showPage(
    <ExclusionsPage />,
    { 'pages/exclusions': list([]), 'pages/exclusions/upgrade': page, 'documents/Exclusion/upgrade': {} },
    `${home}?open=upgrade`,
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Approve for Payments' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Approve' }));
  await waitFor(() => expect(requests.find(({ method }) => method === 'PUT')).toBeDefined());
  const sent = requests.find(({ method }) => method === 'PUT')!;
  expect(sent.data).toBe(page.approvedText);
  expect(sent.headers).toMatchObject({ 'If-Match': '"abc"' });
});

test('an approval is sent once, and when it is refused the exclusion is read again', async () => {
  let refuse: (refused: unknown) => void = () => undefined;
  const answers: Record<string, unknown> = {
    'pages/exclusions': list([]),
    'pages/exclusions/upgrade': page,
    'documents/Exclusion/upgrade': new Promise((_, reject) => (refuse = reject)),
  };
  const { requests } = showPage(<ExclusionsPage />, answers, `${home}?open=upgrade`);
  const approve = await screen.findByRole('button', { name: 'Approve for Payments' });
  await userEvent.click(approve);
  await userEvent.click(await screen.findByRole('button', { name: 'Approve' }));
  await waitFor(() => expect(approve).toBeDisabled());
  answers['pages/exclusions/upgrade'] = { ...page, hash: 'def' };
  refuse({ status: 412, data: { error: 'it has changed since you read it' } });
  expect(await screen.findByText('it has changed since you read it')).toBeVisible();
  answers['documents/Exclusion/upgrade'] = {};
  await waitFor(() => expect(approve).toBeEnabled());
  await userEvent.click(approve);
  await userEvent.click(await screen.findByRole('button', { name: 'Approve' }));
  await waitFor(() => expect(requests.filter(({ method }) => method === 'PUT')).toHaveLength(2));
  expect(requests.findLast(({ method }) => method === 'PUT')!.headers).toMatchObject({ 'If-Match': '"def"' });
});

test('what was withdrawn after its drawer was closed does not close that of another', async () => {
  let answer: (value: object) => void = () => undefined;
  const { address } = showPage(
    <ExclusionsPage />,
    {
      'pages/exclusions': list([row('other')]),
      'pages/exclusions/upgrade': page,
      'pages/exclusions/other': { ...page, name: 'other' },
      'documents/Exclusion/upgrade': new Promise((resolve) => (answer = resolve)),
    },
    `${home}?open=upgrade`,
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Withdraw' }));
  await userEvent.click(screen.getAllByRole('button', { name: 'Withdraw' }).at(-1)!);
  act(() => locationService.partial({ open: null }));
  act(() => locationService.partial({ open: 'other' }));
  await screen.findByRole('button', { name: 'Withdraw' });
  await act(async () => answer({}));
  expect(address()).toBe(`${home}?open=other`);
});

test('an approval that is refused after its drawer was closed is told by Grafana', async () => {
  const shown: unknown[] = [];
  setAppEvents({ publish: ({ payload }: BusEventWithPayload<unknown>) => shown.push(payload) } as unknown as EventBus);
  let refuse: (refused: unknown) => void = () => undefined;
  const answers = {
    'pages/exclusions': list([]),
    'pages/exclusions/upgrade': page,
    'documents/Exclusion/upgrade': new Promise((_, reject) => (refuse = reject)),
  };
  showPage(<ExclusionsPage />, answers, `${home}?open=upgrade`);
  await userEvent.click(await screen.findByRole('button', { name: 'Approve for Payments' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Approve' }));
  act(() => locationService.partial({ open: null }));
  await act(async () => refuse({ status: 412, data: { error: 'it has changed since you read it' } }));
  expect(shown).toEqual([['it has changed since you read it']]);
});

test('who is no member has no approval to give', async () => {
  showPage(
    <ExclusionsPage />,
    { 'pages/exclusions': list([]), 'pages/exclusions/upgrade': { ...page, approveAs: null } },
    `${home}?open=upgrade`,
  );
  expect(await screen.findByText('Payments: anna')).toBeVisible();
  expect(screen.getByText('Maintenance. The time does not count.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Approve for/ })).not.toBeInTheDocument();
});

test('a form says what is missing, and is saved as the document that the backend made of it', async () => {
  const draft = {
    name: 'outage',
    text: '',
    missing: 'reason: say why',
    approvers: [],
    valid: false,
    documents: [],
    problems: [],
  };
  const answers: Record<string, unknown> = {
    'pages/exclusions': list([]),
    'pages/exclusions/draft': draft,
    'documents/Exclusion/outage': { name: 'outage' },
  };
  const { address, requests } = showPage(<ExclusionsPage />, answers, `${home}?propose=1&agreement=orders&page=2`);
  expect(await screen.findByText('reason: say why')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Save as a proposal' })).toBeDisabled();
  answers['pages/exclusions/draft'] = { ...draft, missing: undefined, valid: true, text: 'kind: Exclusion\n' };
  await userEvent.type(screen.getByLabelText(/Reason/), 'x');
  await waitFor(() => expect(screen.getByRole('button', { name: 'Save as a proposal' })).toBeEnabled());
  await userEvent.click(screen.getByRole('button', { name: 'Save as a proposal' }));
  await waitFor(() => expect(requests.find(({ method }) => method === 'PUT')?.data).toBe('kind: Exclusion\n'));
  const asked = requests.findLast(({ url }) => url.endsWith('draft'))!.data as { reason: string; agreements: string[] };
  expect(asked).toMatchObject({ reason: 'x', agreements: ['orders'] });
  await waitFor(() => expect(address()).toBe(`${home}?agreement=orders&page=2&open=outage`));
});

test('who has left a form that is being saved is not brought back', async () => {
  let answer: (value: object) => void = () => undefined;
  const draft = { name: 'outage', text: 'kind: Exclusion\n', approvers: [], valid: true, documents: [], problems: [] };
  const { address, requests } = showPage(
    <ExclusionsPage />,
    {
      'pages/exclusions': list([]),
      'pages/exclusions/draft': draft,
      'documents/Exclusion/outage': new Promise((resolve) => (answer = resolve)),
    },
    `${home}?propose=1`,
  );
  const save = await screen.findByRole('button', { name: 'Save as a proposal' });
  await waitFor(() => expect(save).toBeEnabled());
  await userEvent.click(save);
  act(() => locationService.push(`${home}?phase=past`));
  const before = requests.length;
  await act(async () => answer({ name: 'outage' }));
  await waitFor(() => expect(requests.length).toBeGreaterThan(before));
  expect(address()).toBe(`${home}?phase=past`);
});

test('who may not write copies the form as YAML, and is told why', async () => {
  const made = { name: 'a', text: 'kind: Exclusion\n', tried: 'x', approvers: [{ name: 'payments' }], valid: true };
  const { requests } = showPage(
    <ExclusionsPage />,
    {
      'pages/exclusions': { ...list([]), mayPropose: false, writable: false, reason: 'Sign in to change documents' },
      'pages/exclusions/draft': { ...made, documents: [], problems: [] },
    },
    `${home}?propose=1`,
  );
  expect(await screen.findByText('Sign in to change documents')).toBeVisible();
  await waitFor(() => expect(screen.getByRole('button', { name: 'Copy as YAML' })).toBeEnabled());
  expect(screen.queryByRole('button', { name: 'Save as a proposal' })).not.toBeInTheDocument();
  expect(requests.some(({ url }) => url.includes('preview'))).toBe(false);
});

test('a click beside a form does not throw away what was typed', async () => {
  const { address } = showPage(<ExclusionsPage />, { 'pages/exclusions': list([]) }, `${home}?propose=1`);
  await userEvent.type(await screen.findByLabelText(/Reason/), 'The database moves');
  await userEvent.click(document.querySelector('[class*="drawer-mask"]')!);
  expect(address()).toBe(`${home}?propose=1`);
  expect(screen.getByLabelText(/Reason/)).toHaveValue('The database moves');
});

test('while the backend does not say what becomes of a form, what it said before is not saved', async () => {
  const answers: Record<string, unknown> = {
    'pages/exclusions': list([]),
    'pages/exclusions/draft': {
      name: 'outage',
      text: 'kind: Exclusion\n',
      approvers: [],
      valid: true,
      documents: [],
      problems: [],
    },
  };
  showPage(<ExclusionsPage />, answers, `${home}?propose=1`);
  await waitFor(() => expect(screen.getByRole('button', { name: 'Save as a proposal' })).toBeEnabled());
  answers['pages/exclusions/draft'] = new Refused(502, 'the backend is away');
  await userEvent.type(screen.getByLabelText(/Reason/), 'x');
  expect(await screen.findByText('the backend is away')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Save as a proposal' })).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Copy as YAML' })).toBeDisabled();
});

test('a drawer leaves the table at its page', async () => {
  const answers = { 'pages/exclusions': { ...list([row('upgrade')]), total: 60 }, 'pages/exclusions/upgrade': page };
  const { address } = showPage(<ExclusionsPage />, answers, `${home}?page=2`);
  await userEvent.click(await screen.findByRole('link', { name: 'upgrade' }));
  expect(address()).toBe(`${home}?page=2&open=upgrade`);
  await userEvent.click(await screen.findByRole('button', { name: 'Close' }));
  expect(address()).toBe(`${home}?page=2`);
  await userEvent.click(screen.getByRole('button', { name: 'Propose exclusion' }));
  expect(address()).toBe(`${home}?page=2&propose=1`);
});

test('who goes Back out of a form and leaves it goes nowhere else by it', async () => {
  const { address } = showPage(<ExclusionsPage />, { 'pages/exclusions': list([row('upgrade')]) }, home);
  await screen.findByRole('link', { name: 'upgrade' });
  act(() => locationService.push(`${home}?propose=1`));
  await userEvent.type(await screen.findByLabelText(/Reason/), 'x');
  const { length } = locationService.getHistory();
  act(() => locationService.getHistory().goBack());
  await userEvent.click(await screen.findByRole('button', { name: 'Leave' }));
  expect(address()).toBe(home);
  expect(locationService.getHistory()).toHaveLength(length);
});
