import { setDataSourceSrv, setTemplateSrv } from '@grafana/runtime';
import manifest from '../plugin.json';
import { createFromQuery } from './extensions';

type Variables = Record<string, string | string[]>;

beforeEach(() => {
  setDataSourceSrv({
    getInstanceSettings: (ref: { type?: string } | undefined) => ({ type: ref?.type ?? 'prometheus' }),
  } as unknown as Parameters<typeof setDataSourceSrv>[0]);
  const variables: Variables = { job: 'a "b"', region: ['eu', 'us.1'], path: ['a"b', 'c\\d'], only: ['a'] };
  setTemplateSrv({
    replace: (text: string, _: unknown, format: (value: string | string[]) => string) =>
      text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => (variables[name] ? format(variables[name]) : whole)),
  } as unknown as Parameters<typeof setTemplateSrv>[0]);
});

function opened(targets: object[], title = 'Requests') {
  const link = createFromQuery.configure?.({ title, targets } as never);
  return link?.path && new URL(link.path, 'http://grafana');
}

test('the query of a Prometheus panel opens the Workbench with it', () => {
  const url = opened([{ refId: 'A', expr: 'rate(x_total[$__rate_interval])', datasource: { type: 'prometheus' } }]);
  expect(url && url.pathname).toBe('/a/accord-sla-app/documents');
  expect(url && Object.fromEntries(url.searchParams)).toEqual({
    new: 'Agreement',
    query: 'rate(x_total[$__rate_interval])',
    title: 'Requests',
  });
});

test('variables of the dashboard are put in, windows are left', () => {
  const url = opened([{ refId: 'A', expr: 'rate(x{job="$job",region=~"${region}"}[${__rate_interval}])' }]);
  expect(url && url.searchParams.get('query')).toBe(
    'rate(x{job="a \\"b\\"",region=~"(eu|us\\\\.1)"}[${__rate_interval}])',
  );
});

test('several values stay one part of a longer expression, whatever their characters', () => {
  const url = opened([{ refId: 'A', expr: 'x{path=~"/$path/.*"}' }]);
  expect(url && url.searchParams.get('query')).toBe(String.raw`x{path=~"/(a\"b|c\\\\d)/.*"}`);
});

test('one value of a variable that may have several can be compared with =', () => {
  const url = opened([{ refId: 'A', expr: 'x{job="$only"}' }]);
  expect(url && url.searchParams.get('query')).toBe('x{job="a"}');
});

test('the data source may be that of the panel', () => {
  const link = createFromQuery.configure?.({
    targets: [{ refId: 'A', expr: 'x', datasource: { type: 'loki' } }],
    data: { request: { targets: [{ refId: 'A', expr: 'x', datasource: { type: 'prometheus' } }] } },
  });
  expect(link?.path).toContain('query=x');
});

test.each([
  ['another data source', [{ refId: 'A', expr: 'x', datasource: { type: 'loki' } }]],
  ['a hidden query', [{ refId: 'A', expr: 'x', hide: true }]],
  ['no query', [{ refId: 'A', expr: ' ' }]],
  ['nothing', []],
])('%s has no such entry', (_, targets) => {
  expect(opened(targets)).toBeUndefined();
});

test('it stands in plugin.json as it is added', () => {
  const { title, description, targets } = createFromQuery;
  expect(manifest.extensions.addedLinks).toEqual([{ title, description, targets }]);
});
