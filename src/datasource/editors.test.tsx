import { CoreApp, LoadingState, type DataSourceInstanceSettings, type PanelData, toDataFrame } from '@grafana/data';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { MemoryRouter } from 'react-router-dom-v5-compat';
import { firstValueFrom } from 'rxjs';
import { ConfigEditor } from './ConfigEditor';
import { AccordDataSource } from './datasource';
import { Help } from './Help';
import { QueryEditor } from './QueryEditor';
import { type Options, type Query, type VariableQuery } from './types';
import { VariableEditor } from './Variables';

/** What the backend offers of the kind; it filters, which its own tests show. */
const offered: Record<string, Array<{ name: string; displayName?: string }>> = {
  agreements: [{ name: 'payments-for-checkout', displayName: 'Payments' }, { name: 'search-for-storefront' }],
  objectives: [{ name: 'freshness' }],
  providers: [{ name: 'payments' }],
};

const settings = {
  uid: 'accord',
  id: 1,
  type: 'accord-sla-datasource',
  jsonData: {},
} as DataSourceInstanceSettings<Options>;

type Names = AccordDataSource['names'];

const offer: Names = (of) => Promise.resolve({ names: offered[of] ?? [], empty: false });

function datasource(answer: Names = offer) {
  const made = new AccordDataSource(settings);
  made.names = jest.fn(answer);
  return made;
}

const status: Query = { refId: 'A', schemaVersion: 1, queryType: 'status' };

async function editor(query: Query, props: Partial<Parameters<typeof QueryEditor>[0]> = {}) {
  const onChange = jest.fn();
  const onRunQuery = jest.fn();
  const all = { datasource: datasource(), query, onChange, onRunQuery, ...props };
  render(<QueryEditor {...all} />, { wrapper: MemoryRouter });
  await waitFor(() => expect(all.datasource.names).toHaveBeenCalled());
  return { onChange, onRunQuery };
}

const pick = async (picker: HTMLElement, name: RegExp | string) => {
  await userEvent.click(picker);
  await userEvent.click(await screen.findByRole('option', { name }));
};

describe('the query editor', () => {
  test('choosing a query type changes the query, and runs it', async () => {
    const { onChange, onRunQuery } = await editor(status);
    await pick(screen.getByLabelText('Query type'), /^Error budget/);
    expect(onChange).toHaveBeenCalledWith({ ...status, queryType: 'budget' });
    expect(onRunQuery).toHaveBeenCalled();
  });

  test('agreements are offered from the catalog, with the names that people know', async () => {
    const { onChange } = await editor(status);
    await pick(screen.getByTestId('accord-agreements'), /payments-for-checkout.*Payments/s);
    expect(onChange).toHaveBeenCalledWith({ ...status, agreements: ['payments-for-checkout'] });
  });

  test('objectives are asked for by the other filters, but for those with variables, and by what is typed', async () => {
    const source = datasource();
    await editor({ ...status, agreements: ['search-for-storefront'], providers: ['$team'] }, { datasource: source });
    await userEvent.type(screen.getByTestId('accord-objectives'), 'fre');
    expect(await screen.findByRole('option', { name: /freshness/ })).toBeInTheDocument();
    expect(source.names).toHaveBeenLastCalledWith(
      'objectives',
      'fre',
      expect.objectContaining({ agreements: ['search-for-storefront'], providers: [] }),
    );
  });

  test('a regular expression or a variable can be typed', async () => {
    const { onChange } = await editor(status);
    await userEvent.type(screen.getByTestId('accord-providers'), '/^pay/');
    await userEvent.click(await screen.findByRole('option', { name: /\^pay/ }));
    expect(onChange).toHaveBeenCalledWith({ ...status, providers: ['/^pay/'] });
  });

  test.each([
    ['alert', ['Severity', 'Window'], ['Periods', 'Burn windows', 'Scope']],
    ['history', ['Periods', 'Window', 'Scope'], ['Severity', 'Burn windows']],
    ['burnRate', ['Burn windows', 'Window', 'Scope'], ['Severity', 'Periods']],
    ['incidents', [], ['Window', 'Severity', 'Periods', 'Scope']],
    ['agreements', [], ['Window', 'Scope', 'Severity', 'Objectives']],
  ] as const)('%s has its own fields and no others', async (queryType, shown, hidden) => {
    await editor({ ...status, queryType });
    shown.forEach((label) => expect(screen.getByText(label)).toBeInTheDocument());
    hidden.forEach((label) => expect(screen.queryByText(label)).not.toBeInTheDocument());
  });

  test('a list that was written by hand and is none can be chosen anew', async () => {
    const wrong = { ...status, agreements: 5, burnWindows: '1h', labels: [null] } as unknown as Query;
    const { onChange } = await editor(wrong);
    await pick(screen.getByTestId('accord-agreements'), /payments-for-checkout/);
    expect(onChange).toHaveBeenCalledWith({ ...wrong, agreements: ['payments-for-checkout'] });
  });

  test('periods are taken when they are committed, not while they are typed', async () => {
    const { onChange, onRunQuery } = await editor({ ...status, queryType: 'history' });
    await userEvent.type(screen.getByLabelText('Periods'), '24');
    expect(onRunQuery).not.toHaveBeenCalled();
    await userEvent.tab();
    expect(onChange).toHaveBeenCalledWith({ ...status, queryType: 'history', periods: 24 });
  });

  test('the field of the periods keeps the focus when Enter commits it', async () => {
    function Panel() {
      const [query, setQuery] = useState<Query>({ ...status, queryType: 'history', periods: 3 });
      return <QueryEditor datasource={datasource()} query={query} onChange={setQuery} onRunQuery={() => {}} />;
    }
    render(<Panel />, { wrapper: MemoryRouter });
    const field = screen.getByLabelText('Periods');
    await userEvent.clear(field);
    await userEvent.type(field, '24{Enter}');
    expect(screen.getByLabelText('Periods')).toHaveValue(24);
    expect(screen.getByLabelText('Periods')).toHaveFocus();
    await userEvent.type(field, '{Backspace}{Backspace}0{Enter}');
    expect(screen.getByLabelText('Periods')).toHaveValue(null);
  });

  test('an alert rule is offered what a threshold can be put on', async () => {
    await editor({ ...status, queryType: 'alert' }, { app: CoreApp.UnifiedAlerting });
    expect(screen.getByText(/^Set the alert condition to «is above 1»/)).toBeVisible();
    await userEvent.click(screen.getByLabelText('Query type'));
    expect(await screen.findByRole('option', { name: /^Alert/ })).toBeInTheDocument();
    expect(screen.queryByRole('option', { name: /^Status/ })).not.toBeInTheDocument();
  });

  test('the PromQL that was sent is shown on demand, each query once', async () => {
    const frame = toDataFrame({ refId: 'A', fields: [], meta: { executedQueryString: 'sum(a)\nsum(b)' } });
    const other = toDataFrame({ refId: 'B', fields: [], meta: { executedQueryString: 'sum(c)' } });
    const data = { state: LoadingState.Done, series: [frame, frame, other] } as unknown as PanelData;
    await editor(status, { data });
    await userEvent.click(screen.getByText('PromQL sent (2)'));
    expect(screen.getByText('sum(a)')).toBeVisible();
    expect(screen.queryByText('sum(c)')).not.toBeInTheDocument();
  });

  test('without a catalog names can still be typed, and it says why none are offered', async () => {
    const refused = datasource(() => Promise.reject({ data: { error: 'definitions "x": cannot be read' } }));
    const { onChange } = await editor(status, { datasource: refused });
    expect(await screen.findByText(/definitions "x": cannot be read/)).toBeVisible();
    await userEvent.type(screen.getByTestId('accord-agreements'), 'mine');
    await userEvent.click(await screen.findByRole('option', { name: /mine/ }));
    expect(onChange).toHaveBeenCalledWith({ ...status, agreements: ['mine'] });
  });

  test('an empty catalog says what to do', async () => {
    await editor(status, { datasource: datasource(() => Promise.resolve({ names: [], empty: true })) });
    expect(await screen.findByText('There are no agreements yet')).toBeVisible();
  });

  test('a query of a newer version is told, and kept', async () => {
    const newer = { ...status, schemaVersion: 2, horizon: '30d' } as Query;
    await editor(newer);
    expect(screen.getByText(/saved by a newer version/)).toBeVisible();
  });

  test('every field has a label', async () => {
    await editor({ ...status, queryType: 'burnRate' });
    for (const field of [...screen.getAllByRole('combobox'), ...screen.getAllByRole('radiogroup')]) {
      expect(field).toHaveAccessibleName();
    }
  });
});

describe('the data source', () => {
  test('an alert rule starts with the alert query, everything else with the status', () => {
    expect(datasource().getDefaultQuery(CoreApp.UnifiedAlerting)).toEqual({ schemaVersion: 1, queryType: 'alert' });
    expect(datasource().getDefaultQuery(CoreApp.Dashboard)).toEqual({ schemaVersion: 1, queryType: 'status' });
    expect(datasource().getDefaultQuery(CoreApp.Explore)).toEqual({ schemaVersion: 1, queryType: 'status' });
  });

  test('a hidden query is not sent, an unknown one is', () => {
    expect(datasource().filterQuery({ ...status, hide: true })).toBe(false);
    expect(datasource().filterQuery({ ...status, schemaVersion: 9 })).toBe(true);
  });

  test('a variable lists the names of its kind that its filters keep', async () => {
    const made = datasource();
    made.expandFilters = (filters) => filters;
    const request = { targets: [{ refId: 'V', kind: 'providers', services: ['/pay/'] }], scopedVars: {} };
    const support = made.variables as unknown as { query: (r: unknown) => ReturnType<AccordDataSource['query']> };
    const { data } = await firstValueFrom(support.query(request));
    expect(data).toEqual([{ text: 'payments', value: 'payments' }]);
    expect(made.names).toHaveBeenCalledWith('providers', '', expect.objectContaining({ services: ['/pay/'] }));
  });

  test('names are asked for with each filter, and a list with all of its names', async () => {
    const made = new AccordDataSource(settings);
    made.getResource = jest.fn().mockResolvedValue({ names: [], empty: false });
    await made.names('objectives', 'a b', { agreements: ['x', '/^y&/'] });
    expect(made.getResource).toHaveBeenCalledWith(
      'names?of=objectives&search=a+b&agreements=x&agreements=%2F%5Ey%26%2F',
    );
  });

  test('a query is displayed by its type and its names', () => {
    expect(datasource().getQueryDisplayText({ ...status, agreements: ['a', 'b'], labels: ['tier=1'] })).toBe(
      'Status a b tier=1',
    );
    expect(datasource().getQueryDisplayText({ ...status, queryType: 'forecast' as Query['queryType'] })).toBe(
      'forecast',
    );
  });
});

test('the variable editor lists another kind, and keeps the filters', async () => {
  const onChange = jest.fn();
  const query: VariableQuery = { refId: 'V', kind: 'agreements', providers: ['payments'] };
  render(<VariableEditor datasource={datasource()} query={query} onChange={onChange} onRunQuery={jest.fn()} />);
  await pick(screen.getByLabelText('List'), 'Objectives');
  expect(onChange).toHaveBeenCalledWith({ ...query, kind: 'objectives' });
});

describe('the settings', () => {
  const saved = {
    ...settings,
    url: 'http://prometheus:9090',
    readOnly: false,
    secureJsonFields: {},
    jsonData: {},
  } as unknown as Parameters<typeof ConfigEditor>[0]['options'];

  const show = (options = saved) => {
    const onOptionsChange = jest.fn();
    render(<ConfigEditor options={options} onOptionsChange={onOptionsChange} />);
    return onOptionsChange;
  };

  test('the folder of definitions is saved', () => {
    const onOptionsChange = show();
    fireEvent.change(screen.getByLabelText(/Definitions folder/), { target: { value: 'teams' } });
    expect(onOptionsChange).toHaveBeenCalledWith(expect.objectContaining({ jsonData: { definitions: 'teams' } }));
  });

  test('a cache size out of bounds is told at its field, and an empty one is the default', async () => {
    const onOptionsChange = show({ ...saved, jsonData: { cacheSize: 3 } });
    await userEvent.click(screen.getByLabelText('Expand section Advanced settings'));
    expect(screen.getByText('A whole number from 16 to 65536.')).toBeVisible();
    fireEvent.change(screen.getByLabelText(/Cache size/), { target: { value: '' } });
    expect(onOptionsChange).toHaveBeenCalledWith(expect.objectContaining({ jsonData: { cacheSize: undefined } }));
  });

  test('no credentials of users are offered to be forwarded, since none are', async () => {
    show({ ...saved, jsonData: { timeout: '20' } });
    await userEvent.click(screen.getByLabelText('Authentication method'));
    expect(screen.getByText('Basic authentication')).toBeVisible();
    expect(screen.queryByText('Forward OAuth Identity')).not.toBeInTheDocument();
    await userEvent.click(screen.getByLabelText('Expand section Advanced settings'));
    expect(screen.getByLabelText(/Timeout/)).toHaveValue(20);
    expect(screen.queryByText('Allowed cookies')).not.toBeInTheDocument();
    expect(screen.queryByText(/A whole number/)).not.toBeInTheDocument();
  });

  test('provisioned settings cannot be changed here', () => {
    show({ ...saved, readOnly: true });
    expect(screen.getByLabelText(/Definitions folder/)).toBeDisabled();
  });
});

test('an example of the help becomes the query', async () => {
  const onClickExample = jest.fn();
  render(<Help datasource={datasource()} onClickExample={onClickExample} query={status} />);
  const examples = within(screen.getAllByRole('list').at(-1)!);
  await userEvent.click(examples.getByRole('button', { name: 'Pages' }));
  expect(onClickExample).toHaveBeenCalledWith(expect.objectContaining({ queryType: 'alert', severity: 'page' }));
});
