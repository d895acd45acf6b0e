import { type BusEventWithPayload, type EventBus } from '@grafana/data';
import { setAppEvents } from '@grafana/runtime';
import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type Draft } from '../../api/types';
import { type Answer, Refused, showPage } from '../../testing/page';
import { keepDraft } from './drafts';
import NewAgreement from './NewAgreement';

const form: Draft['form'] = {
  name: '',
  displayName: '',
  service: '',
  provider: '',
  consumers: [],
  timeZone: 'UTC',
  supportHours: '',
  by: 'events',
  metric: '',
  where: [],
  part: [],
  partIsGood: false,
  below: '',
  totalQuery: '',
  partQuery: '',
  valueQuery: '',
  op: 'lt',
  limit: '',
  slo: '',
  target: '99.9%',
  window: '30d',
};

const draft: Draft = {
  form,
  notes: [],
  complaints: [],
  problems: [],
  documents: [],
  text: 'kind: Agreement\n',
  writable: true,
  figures: null,
};

const counted: Draft['figures'] = {
  at: '2026-11-28T12:00:00Z',
  unit: 'events',
  lastHours: { total: 86_400, bad: 12, compliance: 0.9998 },
  last90Days: { total: null, bad: null, compliance: null, reason: 'Nothing was counted in this time' },
  achievableTarget: '99.8%',
  sentences: ['A target of 99.8% would have held in 99% of the windows of the last 90 days that were measured whole.'],
};

const show = (more: Partial<Draft> = {}, answers: Record<string, Answer> = {}, search = '') =>
  showPage(<NewAgreement />, { draft: { ...draft, ...more }, ...answers }, `/documents?new=Agreement${search}`);

/** The documents that were sent to be written, a list a request. */
const sent = (requests: ReturnType<typeof show>['requests']) =>
  requests.filter(({ url }) => url.endsWith('/documents')).map(({ data }) => data.documents as Draft['documents']);

test('the query of a panel fills the form, and what is to be looked at is said', async () => {
  const { requests } = show(
    {
      form: { ...form, metric: 'http_requests_total', part: [{ label: 'code', op: '=~', value: '5..' }] },
      notes: ['The query has variables of its dashboard. Put values in their place.'],
    },
    {},
    '&query=rate(x[5m])&title=API',
  );
  expect(await screen.findByText(/variables of its dashboard/)).toBeVisible();
  expect(requests[0].data).toEqual({ query: 'rate(x[5m])', title: 'API' });
  expect(screen.getByRole('combobox', { name: 'Counter of all events' })).toHaveValue('http_requests_total');
  const bad = within(screen.getByRole('group', { name: 'Events that have' }));
  expect(bad.getByRole('combobox', { name: /value 1/ })).toHaveValue('5..');
});

test('what a metric counts as bad is suggested once it is chosen', async () => {
  const offers = { offers: [{ value: 'http_requests_total' }], suggested: [{ label: 'code', op: '=~', value: '5..' }] };
  const { requests } = show({}, { offers });
  await userEvent.click(await screen.findByRole('combobox', { name: 'Counter of all events' }));
  await userEvent.click(await screen.findByRole('option', { name: 'http_requests_total' }));
  const bad = within(screen.getByRole('group', { name: 'Events that have' }));
  await waitFor(() => expect(bad.getByRole('combobox', { name: /label 1/ })).toHaveValue('code'));
  expect(requests.some(({ url }) => url.endsWith('offers?of=label&metric=http_requests_total'))).toBe(true);
});

test('an agreement and what it needs are written in one request, and then the agreement is shown', async () => {
  const documents = [
    { kind: 'Service', name: 'api', text: 'S' },
    { kind: 'Agreement', name: 'api-for-shop', text: 'A' },
  ];
  const { requests, address } = show({ form: { ...form, name: 'api-for-shop' }, documents }, { documents: {} });
  await userEvent.type(await screen.findByRole('textbox', { name: 'Title' }), 'API');
  await userEvent.click(screen.getByRole('button', { name: 'Create draft' }));
  await waitFor(() => expect(address()).toBe('/a/accord-sla-app/agreements/api-for-shop'));
  expect(sent(requests)).toEqual([documents]);
  expect(Object.keys(localStorage).filter((key) => key.includes('draft'))).toEqual([]);
});

/** The same page after a reload. */
function reload(search?: string) {
  cleanup();
  jest.spyOn(Storage.prototype, 'clear').mockImplementationOnce(() => undefined);
  show({}, {}, search);
}

test('what is typed is there after a reload, until it is discarded; of another panel it is not meant', async () => {
  show();
  const title = () => screen.findByRole('textbox', { name: 'Title' });
  expect(await screen.findByRole('button', { name: 'Discard changes' })).toBeDisabled();
  await userEvent.type(await title(), 'Half a thought');
  expect(screen.getByText('Not saved; kept in this browser')).toBeVisible();
  reload('&query=rate(x[5m])');
  expect(await title()).toHaveValue('');
  reload();
  expect(await title()).toHaveValue('Half a thought');
  expect(screen.getByText('This is what you typed before and did not save')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Discard it' }));
  expect(await title()).toHaveValue('');
  expect(screen.queryByText(/you typed before/)).not.toBeInTheDocument();
  reload();
  expect(await title()).toHaveValue('');
});

test('what is required is said beside its field when somebody tries to create it, and nothing is written', async () => {
  const complaints = [
    { field: 'service', message: 'Required' },
    { field: 'target', message: '"many": must be a ratio above 0' },
  ];
  const { requests } = show({ complaints, documents: [{ kind: 'Team', name: 'a', text: 'T' }] });
  expect(await screen.findByText(/must be a ratio/)).toBeVisible();
  expect(screen.queryByText('Required')).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Create draft' }));
  expect(await screen.findByText('Required')).toBeVisible();
  expect(sent(requests)).toEqual([]);
});

test('why the backend wrote nothing is said in its words, with each document that is there already', async () => {
  const problems = [{ file: 'teams.yaml', line: 3, message: 'Team a is there already' }];
  show(
    { documents: [{ kind: 'Team', name: 'a', text: 'T' }] },
    { documents: new Refused(412, 'none of 2 documents is written', { problems }) },
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Create draft' }));
  expect(await screen.findByText(/none of 2 documents is written/)).toBeVisible();
  expect(screen.getByText('teams.yaml:3: Team a is there already')).toBeVisible();
});

test('what is refused after the form was left, Grafana shows', async () => {
  const shown: unknown[] = [];
  setAppEvents({ publish: ({ payload }: BusEventWithPayload<unknown>) => shown.push(payload) } as unknown as EventBus);
  let refuse: (refused: unknown) => void = () => undefined;
  const documents = [{ kind: 'Team', name: 'a', text: 'T' }];
  const { requests } = show({ documents }, { documents: new Promise((_, reject) => (refuse = reject)) });
  await userEvent.click(await screen.findByRole('button', { name: 'Create draft' }));
  await waitFor(() => expect(sent(requests)).toHaveLength(1));
  cleanup();
  await act(async () => refuse({ status: 412, data: { error: 'none of 2 documents is written' } }));
  expect(shown).toEqual([['none of 2 documents is written']]);
});

test('who may not write copies, and is told why', async () => {
  show({ writable: false, reason: 'Sign in to change documents' });
  expect((await screen.findAllByText('Sign in to change documents'))[0]).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Create draft' })).not.toBeInTheDocument();
  await waitFor(() => expect(screen.getByRole('button', { name: 'Copy' })).toBeEnabled());
  expect(screen.getByRole('textbox', { name: 'YAML' })).toHaveValue('kind: Agreement\n');
});

test('the preview counts the last hours and the last 90 days, says why one has no figures, and offers the target that held', async () => {
  const { requests } = show({ figures: counted, problems: ['there is no series of x_total (did you mean y_total?)'] });
  expect(await screen.findByRole('row', { name: 'Last 6 hours 86,400 12 99.98%' })).toBeVisible();
  expect(await screen.findByRole('row', { name: 'Last 90 days – – Nothing was counted in this time' })).toBeVisible();
  expect(screen.getByText(/did you mean y_total/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: /Use 99.8%/ }));
  expect(screen.getByRole('textbox', { name: 'Target' })).toHaveValue('99.8%');
  await userEvent.type(screen.getByRole('textbox', { name: 'Title' }), 'Payments');
  await waitFor(() =>
    expect(requests.at(-1)?.data).toMatchObject({ form: { displayName: 'Payments', target: '99.8%' } }),
  );
  const pasts = requests.filter(({ data }) => data?.history);
  expect(new Set(pasts.map(({ data }) => data.form.displayName))).toEqual(new Set(['']));
});

test('what history says of an earlier form is not said of the one that is typed', async () => {
  const answers: Record<string, Answer> = { draft: { ...draft, figures: counted } };
  showPage(<NewAgreement />, answers, '/documents?new=Agreement');
  await userEvent.click(await screen.findByRole('button', { name: /Use 99.8%/ }));
  expect(screen.getByRole('textbox', { name: 'Target' })).toHaveFocus();
  answers.draft = new Refused(502, 'the backend is away');
  await userEvent.type(screen.getByRole('textbox', { name: 'Target' }), '5');
  expect(await screen.findByText('the backend is away')).toBeVisible();
  expect(screen.queryByRole('row', { name: /^Last/ })).not.toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /Use 99.8%/ })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Copy' })).toBeDisabled();
});

test('what an earlier version has kept of a form that had fewer fields is shown, too', async () => {
  show();
  await screen.findByRole('textbox', { name: 'Title' });
  keepDraft('accord', { kind: 'Agreement' }, { text: '{"displayName":"Half a thought"}' });
  reload();
  expect(await screen.findByRole('textbox', { name: 'Title' })).toHaveValue('Half a thought');
  expect(screen.getByRole('combobox', { name: /^Consumers/ })).toBeVisible();
});

test('what another version has kept of a form with other fields is sent without those, which would be refused', async () => {
  show();
  await screen.findByRole('textbox', { name: 'Title' });
  const text = '{"displayName":"Half a thought","budget":"5"}';
  keepDraft('accord', { kind: 'Agreement' }, { text });
  cleanup();
  jest.spyOn(Storage.prototype, 'clear').mockImplementationOnce(() => undefined);
  const { requests } = show();
  await waitFor(() => expect(requests.at(-1)?.data.form?.displayName).toBe('Half a thought'));
  expect(Object.keys(requests.at(-1)?.data.form)).not.toContain('budget');
});
