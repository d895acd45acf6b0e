import { type TemplateSrv } from '@grafana/runtime';
import { expand, interpolate } from './interpolate';
import { type Query } from './types';

/** As Grafana's own: a function gets the value, "regex" an alternative, an unknown name stays. */
function templates(values: Record<string, string | string[]>): Pick<TemplateSrv, 'replace'> {
  return {
    replace: (text = '', _scoped, format) =>
      text.replace(/\$(\w+)|\$\{(\w+)\}/g, (found, plain, braced) => {
        const value = values[plain ?? braced];
        if (value === undefined) {
          return found;
        }
        // Grafana puts the text of «All» in as it was given, without formatting.
        if (value === '/.*/') {
          return value;
        }
        if (typeof format === 'function') {
          return format(value, {}, undefined);
        }
        const list = [value].flat();
        return format === 'regex' && list.length > 1 ? `(${list.join('|')})` : list.join(',');
      }),
  };
}

const known = templates({
  agreement: ['a', 'b'],
  one: 'x',
  all: '/.*/',
  dollar: 'a$&b',
  unit: 'month',
  none: [],
  empty: '',
});

test.each([
  ['a variable of several values makes an entry of each', ['$agreement'], ['a', 'b']],
  ['beside names', ['c', '$agreement'], ['c', 'a', 'b']],
  ['inside a name', ['${agreement}-${one}'], ['a-x', 'b-x']],
  ['inside a regular expression it is an alternative', ['/^$agreement$/'], ['/^(a|b)$/']],
  ['what is named twice stands once', ['a', '$agreement'], ['a', 'b']],
  ['«All» is an expression', ['$all'], ['/.*/']],
  ['an unknown variable stays, for the backend to refuse', ['$nobody'], ['$nobody']],
  ['a value is taken as it is', ['$dollar'], ['a$&b']],
  ['a variable without a value never means all', ['$none'], ['$none']],
  ['nor does an empty one', ['a-$empty'], ['a-$empty']],
  ['nor in a regular expression', ['/^$none/', '/$empty/'], ['/^$none/', '/$empty/']],
])('%s', (_, entries, expanded) => {
  expect(expand(entries, known)).toEqual(expanded);
});

test('every field of a query takes variables', () => {
  const query = interpolate(
    {
      refId: 'A',
      schemaVersion: 1,
      queryType: 'status',
      agreements: ['$agreement'],
      labels: ['tier=$one'],
      window: { calendar: '$unit', offset: -1 },
      burnWindows: ['1h'],
      scope: '$one',
      severity: '$one',
    },
    known,
  );
  expect(query).toEqual({
    refId: 'A',
    schemaVersion: 1,
    queryType: 'status',
    agreements: ['a', 'b'],
    labels: ['tier=x'],
    window: { calendar: 'month', offset: -1 },
    burnWindows: ['1h'],
    scope: 'x',
    severity: 'x',
  });
});

test.each([
  { agreements: 5 },
  { agreements: { a: 1 } },
  { labels: [5, null] },
  { burnWindows: '1h' },
  { window: '30d' },
  { window: { rolling: 30 } },
  { scope: 7 },
])('what was written by hand and is no list or text is left to the backend, which says so: %j', (written) => {
  const query = { refId: 'A', schemaVersion: 1, queryType: 'status', ...written } as unknown as Query;
  expect(interpolate(query, known)).toMatchObject(written);
});
