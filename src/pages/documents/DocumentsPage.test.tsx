import { dateTimeFormat, setTimeZoneResolver } from '@grafana/data';
import { type BackendSrvRequest, locationService } from '@grafana/runtime';
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router-dom';
import { type Answer, letAnswer, Refused, showPage } from '../../testing/page';
import DocumentsPage from './DocumentsPage';

// Monaco needs a browser; what is typed into it is what matters here.
// It draws on a canvas, which jsdom has not.
jest.mock('./BacktestChart', () => ({ __esModule: true, default: () => null }));

jest.mock('@grafana/ui', () => ({
  ...jest.requireActual('@grafana/ui'),
  CodeEditor: (props: { value: string; readOnly: boolean; onChange: (text: string) => void; onSave: () => void }) => (
    <textarea
      aria-label="Text"
      value={props.value}
      readOnly={props.readOnly}
      onChange={(event) => props.onChange(event.target.value)}
      onKeyDown={({ ctrlKey, key }) => ctrlKey && key === 's' && props.onSave()}
    />
  ),
}));

const evil = '<img src=x onerror="window.hit = true"><script>window.hit = true</script>';
const team = 'apiVersion: accord/v1\nkind: Team\nmetadata: {name: payments}\nspec: {}\n';
const may = { mayPropose: true, writable: true };
const mayNot = { mayPropose: false, writable: false, reason: 'Sign in to change documents: nobody is signed in' };
const payments = { kind: 'Team', name: 'payments', displayName: 'Payments', file: 'teams.yaml', line: 1, hash: 'h1' };

const row = (more: object = {}) => ({ ...payments, ...may, errors: 0, warnings: 0, ...more });
const list = (more: object = {}) => ({
  ...may,
  kinds: [{ value: 'Team', label: 'Team', count: 2 }],
  templates: ['Agreement', 'Team'],
  total: 2,
  page: 1,
  pageSize: 50,
  rows: [row(), row({ name: evil, displayName: undefined, errors: 1, problem: `spec.x: ${evil}` })],
  ...more,
});
const valid = {
  valid: true,
  file: 'document.yaml',
  documents: [{ ...payments, ...may }],
  problems: [],
  alerts: [],
  promises: [],
};
const unconcerned = { ...valid, at: '2026-11-26T12:00:00Z', agreements: [], more: [], objectives: [] };

function show(at: string, answers: Record<string, Answer> = {}) {
  const all = {
    documents: list(),
    'editor/Team/payments': { ...payments, ...may, text: team },
    'editor/Team': { kind: 'Team', name: '', file: '', line: 0, hash: '', ...may, text: team },
    validate: valid,
    preview: unconcerned,
  };
  return showPage(
    <Routes>
      <Route path="/documents" element={<DocumentsPage />} />
      <Route path="/documents/:kind/:name" element={<DocumentsPage />} />
      <Route path="/a/accord-sla-app/*" element={<p>moved on</p>} />
    </Routes>,
    Object.defineProperties(all, Object.getOwnPropertyDescriptors(answers)),
    at,
  );
}

const text = () => screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Text' });
const type = async (typed: string) => fireEvent.change(await text(), { target: { value: typed } });
const save = () => screen.findByRole('button', { name: 'Save' });
const savable = async () => {
  const button = await save();
  await waitFor(() => expect(button).toBeEnabled());
  return button;
};
const written = (requests: BackendSrvRequest[]) => requests.filter(({ method }) => method === 'PUT');

async function saveChange(typed: string) {
  await type(typed);
  await userEvent.click(await savable());
}

test('documents are rows of the backend, with what is wrong as text; the search goes to the backend', async () => {
  const { requests, address } = show('/documents');
  expect(await screen.findByRole('link', { name: 'Payments' })).toBeVisible();
  expect(screen.getByText('1 error')).toBeVisible();
  expect(screen.getByText(`spec.x: ${evil}`)).toBeVisible();
  expect(document.querySelector('img, script')).toBeNull();
  fireEvent.change(screen.getByRole('textbox', { name: 'Search documents' }), { target: { value: 'pay' } });
  await waitFor(() => expect(requests.at(-1)?.url).toContain('search=pay'));
  await userEvent.click(screen.getByRole('button', { name: /Problems/ }));
  await waitFor(() => expect(address()).toContain('sort=errors'));
});

test('whoever is not signed in is told to sign in, reads and copies', async () => {
  const { requests } = show('/documents', { documents: list({ ...mayNot }) });
  expect(await screen.findByText(/Sign in to change documents/)).toBeVisible();
  cleanup();
  show('/documents/Team/payments', {
    'editor/Team/payments': { ...payments, ...mayNot, text: team },
    validate: { ...valid, documents: [{ ...payments, ...mayNot }] },
  });
  expect(await text()).toHaveAttribute('readonly');
  expect(screen.getByText(/Sign in to change documents/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Copy' })).toBeEnabled();
  expect(await save()).toHaveAttribute('aria-disabled', 'true');
  expect(requests.some(({ url }) => url.includes('preview'))).toBe(false);
});

test('a change is saved over the document that was read, and nothing else', async () => {
  const saved = { ...payments, ...may, hash: 'h2' };
  let now = { ...saved, hash: 'h1', text: team };
  const { requests } = show('/documents/Team/payments', {
    get 'editor/Team/payments'() {
      return now;
    },
    get 'documents/Team/payments'() {
      now = { ...saved, text: `# changed\n${team}` };
      return saved;
    },
  });
  await saveChange(`# changed\n${team}`);
  expect(await screen.findByText(/· Saved$/)).toBeVisible();
  expect(screen.queryByText(/Somebody else/)).toBeNull();
  expect(written(requests)).toEqual([
    expect.objectContaining({ data: `# changed\n${team}`, headers: expect.objectContaining({ 'If-Match': '"h1"' }) }),
  ]);
  expect(Object.keys(localStorage).filter((key) => key.includes('draft'))).toEqual([]);
});

/** A busy page is asked twice before any of its timers. */
async function clickedTwice(button: HTMLElement) {
  const testing = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean };
  testing.IS_REACT_ACT_ENVIRONMENT = false;
  button.click();
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
  button.click();
  testing.IS_REACT_ACT_ENVIRONMENT = true;
}

test('a double click saves once', async () => {
  const { requests } = show('/documents/Team/payments', { 'documents/Team/payments': new Promise(() => undefined) });
  await type(`# changed\n${team}`);
  await clickedTwice(await savable());
  expect(await screen.findByText(/Saving…/)).toBeVisible();
  expect(written(requests)).toHaveLength(1);
});

test('what is asked for while the text is checked is saved once it has no errors, and no other text', async () => {
  const { requests } = show('/documents/Team/payments', { 'documents/Team/payments': new Promise(() => undefined) });
  const save = async () => fireEvent.keyDown(await text(), { key: 's', ctrlKey: true });
  await type(`# first\n${team}`);
  await save();
  await type(`# second\n${team}`);
  await savable();
  expect(written(requests)).toEqual([]);
  await type(`# third\n${team}`);
  await save();
  expect(await screen.findByText(/Saving…/)).toBeVisible();
  expect(written(requests).map(({ data }) => data)).toEqual([`# third\n${team}`]);
});

test('what is saved after its page was left is no draft any more', async () => {
  let answer: (value: object) => void = () => undefined;
  show('/documents/Team/payments', {
    'documents/Team/payments': new Promise((resolve) => (answer = resolve)),
  });
  await saveChange(`# changed\n${team}`);
  const drafts = () => Object.keys(localStorage).filter((key) => key.includes('draft'));
  expect(drafts()).toHaveLength(1);
  cleanup();
  await act(async () => answer({ ...payments, ...may, hash: 'h2' }));
  expect(drafts()).toEqual([]);
});

test('the form of a panel is not kept as that of another', async () => {
  const answers = { form: { displayName: '', consumers: [], where: [], part: [], by: 'slo' } };
  const draft = { ...answers, notes: [], complaints: [], problems: [], documents: [], text: '', figures: null };
  show('/documents?new=Agreement', { draft });
  fireEvent.change(await screen.findByRole('textbox', { name: 'Title' }), { target: { value: 'Mine' } });
  act(() => locationService.push('/documents?new=Agreement&query=up'));
  expect(await screen.findByRole('textbox', { name: 'Title' })).toHaveValue('');
  act(() => locationService.push('/documents?new=Agreement'));
  expect(await screen.findByRole('textbox', { name: 'Title' })).toHaveValue('Mine');
});

test('somebody else’s change is shown, and taken or knowingly replaced', async () => {
  let now = { ...payments, ...may, text: team };
  const { requests } = show('/documents/Team/payments', {
    get 'editor/Team/payments'() {
      return now;
    },
    'documents/Team/payments': new Refused(412, 'Team payments has changed since you read it'),
    'change/Team/payments': { file: 'teams.yaml', before: '', after: '', patch: '-# theirs\n+# mine\n' },
  });
  await type(`# mine\n${team}`);
  now = { ...now, hash: 'h9', text: `# theirs\n${team}` };
  await userEvent.click(await savable());
  const notice = await screen.findByRole('alert', { name: /Somebody else has changed Team payments/ });
  expect(await within(notice).findByText(/-# theirs\s\+# mine/)).toBeVisible();
  expect(await save()).toBeDisabled();
  await userEvent.click(within(notice).getByRole('button', { name: /^Keep mine/ }));
  await userEvent.click(await savable());
  await waitFor(() => expect(written(requests).at(-1)?.headers).toMatchObject({ 'If-Match': '"h9"' }));
});

test('who keeps a deleted document replaces none that somebody else creates meanwhile without being asked', async () => {
  let now: Answer = { ...payments, ...may, text: team };
  const answers = {
    get 'editor/Team/payments'() {
      return now;
    },
    'documents/Team/payments': new Refused(412, 'there is no Team payments'),
    'change/Team/payments': { file: 'teams.yaml', before: '', after: '', patch: '' },
  };
  show('/documents/Team/payments', answers);
  await type(`# mine\n${team}`);
  now = new Refused(404, 'there is no Team payments');
  await userEvent.click(await savable());
  await userEvent.click(await screen.findByRole('button', { name: 'Keep mine' }));
  const kept = { ...localStorage };
  cleanup();
  now = { ...payments, ...may, hash: 'h9', text: `# theirs\n${team}` };
  jest.spyOn(Storage.prototype, 'clear').mockImplementationOnce(() => undefined);
  Object.assign(localStorage, kept);
  show('/documents/Team/payments', answers);
  expect(await text()).toHaveValue(`# mine\n${team}`);
  expect(screen.getByRole('alert', { name: /Somebody else has changed Team payments/ })).toBeVisible();
});

test('a change by somebody else meets nothing where nothing was typed, and is shown', async () => {
  let now = { ...payments, ...may, text: team };
  show('/documents/Team/payments', {
    get 'editor/Team/payments'() {
      return now;
    },
    'documents/Team/payments': new Refused(409, 'another document needs it'),
  });
  await text();
  now = { ...now, hash: 'h9', text: `# theirs\n${team}` };
  // What is refused has all asked for again.
  await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete' }));
  expect(await screen.findByText('another document needs it')).toBeVisible();
  await waitFor(async () => expect(await text()).toHaveValue(`# theirs\n${team}`));
  expect(screen.queryByText(/Somebody else/)).toBeNull();
});

test('what is typed is kept in the browser, and is there on return', async () => {
  show('/documents/Team/payments');
  await type(`# half a thought\n${team}`);
  const kept = { ...localStorage };
  cleanup();
  jest.spyOn(Storage.prototype, 'clear').mockImplementationOnce(() => undefined);
  show('/documents/Team/payments');
  Object.assign(localStorage, kept);
  expect(await text()).toHaveValue(`# half a thought\n${team}`);
  await userEvent.click(screen.getByRole('button', { name: 'Discard it' }));
  expect(await text()).toHaveValue(team);
});

test('a draft that is only looked at was typed when it was typed', async () => {
  const [at, id] = ['2026-11-20T08:00:00.000Z', { kind: 'Team', name: 'payments' }];
  const stored = JSON.stringify([{ id, draft: { text: `# mine\n${team}`, hash: 'h1', at } }]);
  jest.spyOn(Storage.prototype, 'clear').mockImplementationOnce(() => undefined);
  localStorage.setItem('accord-sla-app.drafts.accord', stored);
  show('/documents/Team/payments');
  expect(await screen.findByText(`It was kept in this browser on ${dateTimeFormat(at)}.`)).toBeVisible();
  expect(localStorage.getItem('accord-sla-app.drafts.accord')).toBe(stored);
});

test('a backend that does not answer takes nothing away', async () => {
  show('/documents/Team/payments', { validate: new Refused(502, 'the backend is away') });
  await type(`# kept\n${team}`);
  expect(await screen.findByText(/Not checked: the backend is away/)).toBeVisible();
  expect(await save()).toBeDisabled();
  letAnswer({ 'editor/Team/payments': new Refused(502, 'gone') });
  expect(await text()).toHaveValue(`# kept\n${team}`);
});

test('errors keep a text from being saved, and stand with their place', async () => {
  const problem = { file: 'document.yaml', line: 4, column: 7, severity: 'error', field: 'spec.x', message: 'unknown' };
  show('/documents/Team/payments', { validate: { ...valid, valid: false, problems: [problem] } });
  await type(`${team}x: 1\n`);
  expect(await screen.findByRole('button', { name: 'Line 4' })).toBeVisible();
  expect(screen.getByText('spec.x: unknown')).toBeVisible();
  expect(await save()).toBeDisabled();
});

test('an error in a file with the name of a typed text is not one of the text', async () => {
  const problem = { line: 4, column: 7, severity: 'error', field: '', message: 'unknown' };
  const problems = [
    { ...problem, file: 'document.yaml', kind: 'Team', name: 'other' },
    { ...problem, file: 'proposed-document.yaml', line: 2 },
  ];
  show('/documents/Team/payments', { validate: { ...valid, valid: false, file: 'proposed-document.yaml', problems } });
  await type(`${team}x: 1\n`);
  expect(await screen.findByRole('button', { name: 'Line 2' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'document.yaml:4' })).toBeVisible();
});

test('the effect is said in the words of the backend, before and after', async () => {
  const figures = { state: 'met', target: 0.99, compliance: 0.996, remaining: 0.6, budget: '60 of 100 events' };
  const change = {
    objective: 'latency',
    changes: true,
    text: 'The target would be 99% instead of 99.5%.',
    periods: [{ period: 'Last 90 days', before: { ...figures, state: 'breached', target: 0.995 }, after: figures }],
  };
  show('/documents/Team/payments', {
    preview: {
      ...unconcerned,
      agreements: [{ kind: 'Agreement', name: 'shop', before: {}, after: {}, differences: [change] }],
    },
  });
  expect(await screen.findByText('The target would be 99% instead of 99.5%.')).toBeVisible();
  const last = within(screen.getByRole('row', { name: /Last 90 days/ }));
  expect(last.getByText('Breached')).toBeVisible();
  expect(last.getByText('99.6% of 99%')).toBeVisible();
});

test('a backtest is in the user’s time zone, and is of the text that it was run with', async () => {
  setTimeZoneResolver(() => 'Pacific/Kiritimati');
  show('/documents/Team/payments', {
    preview: { ...unconcerned, objectives: [{ agreement: 'shop', objective: 'latency' }] },
    backtest: {
      from: '2026-08-28T12:00:00Z',
      to: '2026-11-26T12:00:00Z',
      notes: ['Half a day is missing.'],
      groups: [{ fired: [{ alert: 'page', from: '2026-11-01T12:30:00Z' }] }],
      timeZone: 'Europe/Berlin',
    },
  });
  const run = await screen.findByRole('button', { name: 'Run backtest' });
  const hour = dateTimeFormat(Date.now(), { format: 'YYYY-MM-DD HH', timeZone: 'Pacific/Kiritimati' });
  expect(screen.getByTestId(/TimePicker Open Button/)).toHaveTextContent(`to ${hour}`);
  await userEvent.click(run);
  expect(await screen.findByText('Half a day is missing.')).toBeVisible();
  expect(screen.getByRole('row', { name: /^page/ })).toHaveTextContent('2026-11-02 02:30:00');
  expect(screen.queryByText('This is of an earlier text.')).toBeNull();
  await type(`# another\n${team}`);
  expect(screen.getByText('Half a day is missing.')).toBeVisible();
  const backtest = within(screen.getByRole('region', { name: 'Backtest' }));
  expect(await backtest.findByText('This is of an earlier text.')).toBeVisible();
});

test('a new document starts from the template of the backend, and has its own address once it is saved', async () => {
  const named = { ...payments, name: 'night-watch', hash: '' };
  const { requests, address } = show('/documents?new=Team', {
    validate: { ...valid, documents: [{ ...named, ...may }] },
    'documents/Team/night-watch': { ...named, ...may, hash: 'h5' },
  });
  expect(await text()).toHaveValue(team);
  await saveChange(team.replace('payments', 'night-watch'));
  await waitFor(() => expect(address()).toBe('/a/accord-sla-app/documents/Team/night-watch'));
  expect(written(requests)[0].headers).toMatchObject({ 'If-None-Match': '*' });
});

test('a document that is not there, or not by itself, is said with what can be done', async () => {
  show('/documents/Team/none', { 'editor/Team/none': new Refused(404, 'there is no Team "none"') });
  expect(await screen.findByText('there is no Team "none"')).toBeVisible();
  expect(screen.getByRole('link', { name: 'All documents' })).toBeVisible();
  cleanup();
  show('/documents/Team/b', { 'editor/Team/b': new Refused(409, 'it shares its line') });
  expect(await screen.findByText('It can only be changed in its file')).toBeVisible();
});
