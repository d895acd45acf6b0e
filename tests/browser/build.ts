import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The root of the repository. */
export const root = path.resolve(import.meta.dirname, '../..');

/** Where the host command is made. */
export const command = path.join(root, 'bin/browser/host');

/** A host page: where its bundle is made, and the modules that it gives to plugins. */
export interface HostPage {
  bundle: string;
  libraries: string;
}

const grafana12 = path.join(root, 'tests/browser/grafana12');

/** The host pages: with the libraries of the project, and with those of Grafana 12.3, which has React 18. */
export const hostPages = {
  newest: { bundle: path.join(root, 'bin/browser/page'), libraries: path.join(root, 'node_modules') },
  grafana12: { bundle: path.join(root, 'bin/browser/page12'), libraries: path.join(grafana12, 'node_modules') },
} satisfies Record<string, HostPage>;

function run(program: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  execFileSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
}

/** Compiled as go tool mage does, so that it is done once. */
const goEnv = { CGO_ENABLED: '0', GOFLAGS: '-trimpath -tags=arrow_json_stdlib' };

const rspack = path.join(root, 'node_modules/.bin/rspack');

/** Makes the plugin as it stands, and the host with its pages, which a Grafana needs none of. Takes seconds when all was made before. */
export function build() {
  run(rspack, ['build', '--config', 'rspack.config.mjs']);
  if (!process.env.GRAFANA_HOME) {
    buildPages();
  }
  const system = execFileSync('go', ['env', 'GOOS', 'GOARCH']).toString().trim().split('\n').join('_');
  const flags = ['-ldflags=-s -w', '-o', `dist/datasource/gpx_accord_${system}`];
  run('go', ['build', ...flags, './pkg/cmd/datasource'], goEnv);
  run('go', ['build', '-o', command, './tests/browser/host'], goEnv);
}

function buildPages() {
  if (!existsSync(hostPages.grafana12.libraries)) {
    run('npm', ['ci', '--no-audit', '--loglevel=error', '--prefix', grafana12]);
  }
  for (const { bundle, libraries } of Object.values(hostPages)) {
    const env = ['--env', `output=${bundle}`, '--env', `libraries=${libraries}`];
    run(rspack, ['build', '--config', 'tests/browser/host/rspack.config.mjs', ...env]);
  }
}
