import { setBackendSrv, setDataSourceSrv } from '@grafana/runtime';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter, Route, Routes } from 'react-router-dom';
import { of, throwError } from 'rxjs';
import { DataSourceProvider } from '../../api/DataSource';
import WorkbenchPage from './WorkbenchPage';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  PluginPage: ({ children }: { children: React.ReactNode }) => <main>{children}</main>,
}));

// Monaco needs a browser; what is typed into it is what matters here.
jest.mock('./Editor', () => ({
  Editor: ({
    label,
    text,
    onChange,
    readOnly,
  }: {
    label: string;
    text: string;
    onChange: (text: string) => void;
    readOnly: boolean;
  }) => (
    <textarea aria-label={label} value={text} readOnly={readOnly} onChange={(event) => onChange(event.target.value)} />
  ),
}));

const evil = '<img src=x onerror="window.hit = true"><script>window.hit = true</script>';

interface Call {
  method: string;
  url: string;
  data?: unknown;
  headers?: Record<string, string>;
}

/** The backend: answers by method and path; a number is a refusal with that status. */
type Answers = Record<string, (call: Call) => unknown>;

const team = 'apiVersion: accord/v1\nkind: Team\nmetadata: {name: payments}\nspec: {}\n';

const base: Answers = {
  'GET documents': () => ({
    mayPropose: true,
    writable: true,
    documents: [
      { kind: 'Team', name: 'payments', file: 'teams.yaml', line: 1, hash: 'h1', writable: true },
      { kind: 'SLO', name: evil, file: `${evil}.yaml`, line: 9, hash: 'h2', writable: true },
    ],
  }),
  'GET catalog': () => ({
    agreements: [],
    slos: [],
    problems: [{ file: 'x', line: 1, column: 1, severity: 'error', kind: 'SLO', name: evil, message: evil }],
  }),
  'GET schema': () => ({}),
  'GET teams': () => ({ teams: [] }),
  'GET documents/Team/payments': () => team,
  'POST validate': () => ({ valid: true, documents: 1, problems: [] }),
  'POST preview': () => ({
    valid: true,
    documents: 1,
    problems: [],
    at: '2026-11-26T12:00:00Z',
    agreements: [],
    more: [],
  }),
};

const calls: Call[] = [];

function show(address: string, answers: Answers = {}) {
  calls.length = 0;
  setDataSourceSrv({ getList: () => [{ uid: 'accord', name: 'Accord' }] } as unknown as Parameters<
    typeof setDataSourceSrv
  >[0]);
  setBackendSrv({
    fetch: (call: Call) => {
      calls.push(call);
      const path = call.url.replace('/api/datasources/uid/accord/resources/', '').replace(/\?.*/, '');
      const answer = { ...base, ...answers }[`${call.method} ${path}`]?.(call) ?? 404;
      return typeof answer === 'number'
        ? throwError(() => ({ status: answer, data: { error: `refused with ${answer}` } }))
        : of({ data: answer, headers: new Headers({ ETag: '"h1"' }) });
    },
  } as unknown as Parameters<typeof setBackendSrv>[0]);
  render(
    <MemoryRouter initialEntries={[address]}>
      <DataSourceProvider none={null} unknown={() => null}>
        <Routes>
          <Route path="/workbench" element={<WorkbenchPage />} />
          <Route path="/workbench/:kind/:name" element={<WorkbenchPage />} />
        </Routes>
      </DataSourceProvider>
    </MemoryRouter>,
  );
}

const editor = () => screen.findByRole('textbox', { name: /^Text of/ });
const type = async (text: string) => fireEvent.change(await editor(), { target: { value: text } });
const written = () => calls.filter(({ method }) => method === 'PUT');

beforeEach(() => localStorage.clear());

test('documents are listed by kind, searched, and bad ones say why', async () => {
  show('/workbench');
  expect(await screen.findByRole('link', { name: 'payments' })).toBeVisible();
  expect(screen.getAllByText(new RegExp('onerror')).length).toBeGreaterThan(0);
  await userEvent.type(screen.getByPlaceholderText('Search by name or file'), 'teams');
  await waitFor(() => expect(screen.getByText('1 document')).toBeVisible());
});

test('text of documents is shown as text and never executed', async () => {
  show('/workbench', {
    'POST validate': () => ({
      valid: false,
      documents: 1,
      problems: [{ file: 'document.yaml', line: 1, column: 1, severity: 'error', message: evil }],
    }),
  });
  await screen.findByRole('link', { name: 'payments' });
  expect(document.querySelector('img, script')).toBeNull();
  expect((window as { hit?: boolean }).hit).toBeUndefined();
});

test('a change is saved over the document that was read, and nothing else', async () => {
  show('/workbench/Team/payments', {
    'PUT documents/Team/payments': () => ({
      kind: 'Team',
      name: 'payments',
      file: 'teams.yaml',
      line: 1,
      hash: 'h3',
      writable: true,
    }),
  });
  await type(`# changed\n${team}`);
  const save = await screen.findByRole('button', { name: 'Save' });
  await waitFor(() => expect(save).toBeEnabled());
  await userEvent.click(save);
  expect(await screen.findByText(/Saved at/)).toBeVisible();
  expect(written()).toEqual([
    expect.objectContaining({ data: `# changed\n${team}`, headers: expect.objectContaining({ 'If-Match': '"h1"' }) }),
  ]);
  expect(localStorage).toHaveLength(1); // The choice of the data source; no draft.
});

test('somebody else’s change is shown, and taken or knowingly replaced', async () => {
  let theirs = team;
  let hash = '"h1"';
  show('/workbench/Team/payments', {
    'GET documents/Team/payments': () => theirs,
    'PUT documents/Team/payments': ({ headers }) =>
      headers?.['If-Match'] === hash ? { kind: 'Team', name: 'payments', hash: 'h4', writable: true } : 412,
  });
  await type(`# mine\n${team}`);
  theirs = `# theirs\n${team}`;
  hash = '"h9"';
  const save = await screen.findByRole('button', { name: 'Save' });
  await waitFor(() => expect(save).toBeEnabled());
  await userEvent.click(save);
  const notice = await screen.findByRole('alert', { name: /Somebody else has changed Team payments/ });
  expect(within(notice).getByText('-# theirs')).toBeVisible();
  expect(within(notice).getByText('+# mine')).toBeVisible();
  expect(save).toBeDisabled();
  await userEvent.click(within(notice).getByRole('button', { name: 'Take theirs' }));
  expect(await editor()).toHaveValue(`# theirs\n${team}`);
});

test('what is typed is kept, and is there on return', async () => {
  show('/workbench/Team/payments');
  await type(`# half a thought\n${team}`);
  cleanup();
  show('/workbench/Team/payments');
  expect(await editor()).toHaveValue(`# half a thought\n${team}`);
  await userEvent.click(screen.getByRole('button', { name: 'Discard it' }));
  expect(await editor()).toHaveValue(team);
});

test('a backend that does not answer takes nothing away', async () => {
  show('/workbench/Team/payments', { 'PUT documents/Team/payments': () => 502, 'POST validate': () => 502 });
  await type(`# kept\n${team}`);
  expect(await screen.findByText(/Checked by the schema alone/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Nothing was written: nobody answers')).toBeVisible();
  expect(await editor()).toHaveValue(`# kept\n${team}`);
});

test('errors keep a text from being saved, and lead to their place', async () => {
  show('/workbench/Team/payments', {
    'POST validate': () => ({
      valid: false,
      documents: 1,
      problems: [
        {
          file: 'document.yaml',
          line: 4,
          column: 7,
          severity: 'error',
          field: 'spec.x',
          message: 'there is no such field',
        },
      ],
    }),
  });
  await type(`${team}x: 1\n`);
  expect(await screen.findByRole('button', { name: 'Line 4' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
});

test('a viewer looks and copies', async () => {
  show('/workbench/Team/payments', {
    'GET documents': () => ({ mayPropose: false, writable: false, reason: 'no', documents: [] }),
  });
  expect(await editor()).toHaveAttribute('readonly');
  expect(screen.getByText('You may look and copy')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Copy' })).toBeEnabled();
  // It says why, so it can be reached.
  expect(screen.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled', 'true');
  expect(calls.some(({ url }) => url.includes('preview'))).toBe(false);
});

test('a form begins a text, and says what is missing', async () => {
  show('/workbench?new=Team');
  await userEvent.click(await screen.findByRole('button', { name: 'Go on with the text' }));
  expect(await screen.findByText('A name has lower case letters, digits and hyphens')).toBeVisible();
  await userEvent.type(screen.getByLabelText(/^Title/), 'Payments');
  await userEvent.click(screen.getByRole('button', { name: 'Go on with the text' }));
  expect(await screen.findByText('There is a Team of that name')).toBeVisible();
  await userEvent.type(screen.getByLabelText(/^Title/), ' of the night');
  await userEvent.click(screen.getByRole('button', { name: 'Go on with the text' }));
  expect(((await editor()) as HTMLTextAreaElement).value).toContain('name: payments-of-the-night');
});
