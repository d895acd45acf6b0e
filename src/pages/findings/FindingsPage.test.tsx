import { type BusEventWithPayload, dateTimeFormat, type EventBus, setTimeZoneResolver } from '@grafana/data';
import { setAppEvents } from '@grafana/runtime';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type Finding, type Findings } from '../../api/types';
import { type Answer, Refused, showPage } from '../../testing/page';
import FindingsPage from './FindingsPage';

const finding = (text: string, where: Finding['where'], more: Partial<Finding> = {}): Finding => ({
  severity: 'error',
  kind: 'documents',
  text,
  mend: 'Correct it.',
  where,
  ...more,
});

const rows = [
  finding('must be in (0, 1], got 99.5 <script>alert(1)</script>', {
    text: 'slas/b.yaml:14:9',
    page: 'document',
    kind: 'Agreement',
    name: 'payments',
  }),
  finding(
    'Nothing was measured.',
    { text: 'Search / fresh', page: 'agreement', kind: 'SLO', name: 'search' },
    { kind: 'data' },
  ),
  finding('It has no members.', { text: 'Checkout', page: 'team', name: 'checkout' }, { severity: 'warning' }),
  finding('Prometheus cannot be asked.', { text: 'Settings', page: 'settings' }, { kind: 'connection' }),
  finding('not YAML', { text: 'a.yaml:2:1' }),
];

const findings: Findings = {
  at: '2026-11-23T12:00:00Z',
  rows,
  total: rows.length,
  page: 1,
  pageSize: 50,
  severities: [{ value: 'error', label: 'Error', count: 4 }],
  kinds: [{ value: 'data', label: 'Data', count: 1 }],
  connection: {
    server: 'http://prometheus:9090',
    engine: 'Prometheus',
    version: '3.16.0',
    method: 'offset',
    readRefusal: '404 Not Found',
    oldest: '2026-08-25T00:00:00Z',
    resolution: '5m',
  },
  documents: '12 documents read: 9 agreements, 1 SLO without one.',
  cache: { bytes: 3 * 1024 * 1024, mayDrop: true },
};

const show = (answers: Record<string, Answer> = {}, at = '/documents/findings') =>
  showPage(<FindingsPage />, { 'pages/findings': findings, ...answers }, at);

test('each finding leads to where it is mended, and its text is text', async () => {
  show();
  const row = within((await screen.findByText(/99\.5 <script>/)).closest('tr')!);
  expect(row.getByText('Error')).toBeVisible();
  expect(row.getByText('Correct it.')).toBeVisible();
  const app = '/a/accord-sla-app';
  for (const [name, href] of [
    ['slas/b.yaml:14:9', `${app}/documents/Agreement/payments`],
    ['Search / fresh', `${app}/slos/search`],
    ['Settings', '/connections/datasources/edit/accord'],
  ]) {
    expect(screen.getByRole('link', { name })).toHaveAttribute('href', href);
  }
  expect(screen.getByRole('link', { name: 'Checkout' }).getAttribute('href')).toMatch(/\/teams\/.*checkout$/);
  expect(screen.queryByRole('link', { name: 'a.yaml:2:1' })).not.toBeInTheDocument();
  expect(screen.getByRole('tab', { name: 'Findings' })).toHaveAttribute('aria-selected', 'true');
});

test('filters are in the URL, and the backend is asked by it', async () => {
  const { requests, address } = show({}, '/documents/findings?kind=data');
  await userEvent.click(await screen.findByRole('combobox', { name: 'Severity' }));
  await userEvent.click(await screen.findByRole('option', { name: 'Error (4)' }));
  expect(address()).toBe('/documents/findings?kind=data&severity=error');
  await waitFor(() => expect(requests.at(-1)?.url).toMatch(/pages\/findings\?kind=data&severity=error$/));
});

test('the connection is described, with why it is counted so', async () => {
  show();
  expect(await screen.findByText(/Prometheus 3\.16\.0 http:\/\/prometheus:9090/)).toBeVisible();
  expect(screen.getByText(/offset, remote read is refused: 404 Not Found/)).toBeVisible();
  expect(screen.getByText(/3 MiB/)).toBeVisible();
});

test('nothing to mend is said, and so is that a filter keeps nothing', async () => {
  show({ 'pages/findings': { ...findings, rows: [], total: 0 } });
  expect(await screen.findByText('Nothing wants mending')).toBeVisible();
});

test('the cache is dropped after a question, by those who may', async () => {
  setTimeZoneResolver(() => 'Pacific/Kiritimati');
  const { requests } = show({ 'cache/drop': new Refused(403, 'that takes the role Admin') });
  await userEvent.click(await screen.findByRole('button', { name: 'Drop cache' }));
  const hour = dateTimeFormat(Date.now(), { format: 'YYYY-MM-DD HH', timeZone: 'Pacific/Kiritimati' });
  expect(screen.getByTestId(/TimePicker Open Button/)).toHaveTextContent(`to ${hour}`);
  await userEvent.click(screen.getByRole('button', { name: 'Drop and read again' }));
  expect(await screen.findByText('that takes the role Admin')).toBeVisible();
  const sent = requests.find(({ url }) => url.includes('cache/drop'))!;
  const range = new URLSearchParams(sent.url.split('?')[1]);
  expect(Date.parse(range.get('to')!) - Date.parse(range.get('from')!)).toBeCloseTo(86_400_000, -3);
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await userEvent.click(screen.getByRole('button', { name: 'Drop cache' }));
  expect(screen.queryByText('that takes the role Admin')).not.toBeInTheDocument();
});

test('why the cache was not dropped is told by Grafana if the question was closed meanwhile', async () => {
  const shown: unknown[] = [];
  setAppEvents({ publish: ({ payload }: BusEventWithPayload<unknown>) => shown.push(payload) } as unknown as EventBus);
  let refuse: (refused: unknown) => void = () => undefined;
  show({ 'cache/drop': new Promise((_, reject) => (refuse = reject)) });
  await userEvent.click(await screen.findByRole('button', { name: 'Drop cache' }));
  await userEvent.click(screen.getByRole('button', { name: 'Drop and read again' }));
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await act(async () => refuse({ status: 403, data: { error: 'that takes the role Admin' } }));
  expect(shown).toEqual([['that takes the role Admin']]);
});

test('who may not drop the cache has no button', async () => {
  show({ 'pages/findings': { ...findings, cache: { bytes: 1, mayDrop: false } } });
  expect(await screen.findByText('Connection and cache')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Drop cache' })).not.toBeInTheDocument();
});
