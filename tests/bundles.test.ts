/**
 * The built bundles, loaded as Grafana loads them: AMD modules through SystemJS,
 * which gives the shared libraries. Needs `npm run build` before.
 */
import * as data from '@grafana/data';
import * as runtime from '@grafana/runtime';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import 'systemjs/dist/system.js';
import 'systemjs/dist/extras/amd.js';
import { share } from './shared';

const dist = path.resolve(__dirname, '../dist');
const origin = 'http://localhost/grafana/public/plugins/';

const plugins = {
  'accord-sla-app': dist,
  'accord-sla-datasource': path.join(dist, 'datasource'),
};

function fileOf(address: string): string {
  const [id, ...rest] = address.slice(origin.length).split('/');
  return path.join(plugins[id as keyof typeof plugins], ...rest);
}

beforeAll(() => {
  share(System);
  Object.assign(System.constructor.prototype, {
    shouldFetch: () => true,
    fetch: async (address: string) => ({
      ok: true,
      headers: { get: () => 'application/javascript' },
      text: async () => readFileSync(fileOf(address), 'utf8'),
    }),
  });
});

const load = async (id: keyof typeof plugins) => (await System.import(`${origin}${id}/module.js`)).plugin;

test('the data source has its class and its editors', async () => {
  const plugin = await load('accord-sla-datasource');
  expect(plugin).toBeInstanceOf(data.DataSourcePlugin);
  expect(plugin.components).toMatchObject({
    ConfigEditor: expect.any(Function),
    QueryEditor: expect.any(Function),
    QueryEditorHelp: expect.any(Function),
  });
  const settings = { uid: 'accord', id: 1, type: 'accord-sla-datasource', jsonData: {}, meta: {} };
  const datasource = new plugin.DataSourceClass(settings);
  expect(datasource).toBeInstanceOf(runtime.DataSourceWithBackend);
  expect(datasource.annotations).toBeDefined();
  expect(datasource.variables).toBeDefined();
});

test('the app has a root page, whose chunk is asked for beside its module', async () => {
  const plugin = await load('accord-sla-app');
  expect(plugin).toBeInstanceOf(data.AppPlugin);
  const page = plugin.root({ basename: '/a/accord-sla-app' });
  const lazy = page.type;
  try {
    // React calls this to load a lazy component; it throws the promise of it.
    lazy._init(lazy._payload);
  } catch {
    // not there yet
  }
  const chunks = [...document.querySelectorAll('script')].map((script) => script.src);
  expect(chunks).not.toHaveLength(0);
  for (const chunk of chunks) {
    expect(chunk).toMatch(`${origin}accord-sla-app/chunks/`);
    expect(statSync(fileOf(chunk)).isFile()).toBe(true);
  }
});

test('what the app costs before it is opened stays small', () => {
  expect(statSync(path.join(dist, 'module.js')).size).toBeLessThan(25_000);
});

test('what plugin.json names is there, and texts for a catalog have no link into the repository alone', () => {
  for (const [id, folder] of Object.entries(plugins)) {
    const { info, includes = [] } = JSON.parse(readFileSync(path.join(folder, 'plugin.json'), 'utf8'));
    const files = [...Object.values(info.logos), ...info.screenshots, ...includes]
      .map((one) => (typeof one === 'string' ? one : (one as { path: string }).path))
      .filter((file) => !file.startsWith('/a/'));
    expect(files.filter((file) => !existsSync(path.join(folder, file)))).toEqual([]);
    expect(info.links).not.toHaveLength(0);
    expect(id).toBe(JSON.parse(readFileSync(path.join(folder, 'plugin.json'), 'utf8')).id);
  }
  for (const file of ['README.md', 'CHANGELOG.md']) {
    const links = readFileSync(path.join(dist, file), 'utf8').match(/\]\((?!https:\/\/|#)[^)\s]*\)/g);
    expect(links).toBeNull();
  }
});

test('source maps hold the sources, by the name that a validator of packages looks for', () => {
  for (const folder of Object.values(plugins)) {
    const { sources, sourcesContent } = JSON.parse(readFileSync(path.join(folder, 'module.js.map'), 'utf8'));
    const own = 'webpack://accord-sla-app/./';
    expect(sources).toContain(`${own}publicPath.ts`);
    for (const [i, source] of (sources as string[]).entries()) {
      expect(source).toMatch(/^webpack:\/\/accord-sla-app\/|^external /);
      if (source.startsWith(own)) {
        const file = path.resolve(__dirname, '../src', source.slice(own.length));
        expect(sourcesContent[i]).toBe(readFileSync(file, 'utf8'));
      }
    }
  }
});
