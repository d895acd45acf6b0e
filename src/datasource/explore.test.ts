import { type DataFrame, DataFrameType, toDataFrame } from '@grafana/data';
import { tabulate } from './explore';

const frame = (refId: string, labels: Record<string, string>, value: number | null, executedQueryString: string) =>
  toDataFrame({
    refId,
    fields: [
      { name: 'value', labels, values: [value], config: { displayNameFromDS: Object.values(labels).join(' ') } },
    ],
    meta: {
      type: DataFrameType.NumericMulti,
      executedQueryString,
      notices: value === null ? [{ severity: 'error', text: 'not measured' }] : [],
    },
  });

test('the numbers of a query are a table with their labels, and nothing else is touched', () => {
  const series = toDataFrame({ refId: 'A', fields: [{ name: 'time', values: [1] }] });
  const { data } = tabulate({
    data: [
      frame('A', { agreement: 'api', severity: 'page' }, 1.5, 'sum(a)'),
      series,
      frame('A', { agreement: 'api', region: 'eu', severity: 'page' }, null, 'sum(b)'),
      frame('B', { agreement: 'web' }, 0, 'sum(c)'),
    ],
  });
  const shown = (data as DataFrame[]).slice(1).map(({ refId, fields, length, meta }) => ({
    refId,
    columns: Object.fromEntries(fields.map(({ name, values, config }) => [config.displayNameFromDS ?? name, values])),
    length,
    queries: meta?.executedQueryString,
    notices: meta?.notices?.map(({ text }) => text),
  }));
  expect(data[0]).toBe(series);
  expect(shown).toEqual([
    {
      refId: 'A',
      columns: { agreement: ['api', 'api'], severity: ['page', 'page'], region: ['', 'eu'], value: [1.5, null] },
      length: 2,
      queries: 'sum(a)\nsum(b)',
      notices: ['not measured'],
    },
    { refId: 'B', columns: { agreement: ['web'], value: [0] }, length: 1, queries: 'sum(c)', notices: [] },
  ]);
});
