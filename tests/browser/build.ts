import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** The root of the repository. */
export const root = path.resolve(import.meta.dirname, '../..');

/** Where the host command and the bundle of its page are made. */
export const made = { command: path.join(root, 'bin/browser/host'), page: path.join(root, 'bin/browser/page') };

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
}

/** Makes the plugin as it stands, and the host with its page. Takes seconds when all was made before. */
export function build() {
  const rspack = path.join(root, 'node_modules/.bin/rspack');
  run(rspack, ['build', '--config', 'rspack.config.mjs']);
  run(rspack, ['build', '--config', 'tests/browser/host/rspack.config.mjs', '--env', `output=${made.page}`]);
  const system = execFileSync('go', ['env', 'GOOS', 'GOARCH']).toString().trim().split('\n').join('_');
  run(
    'go',
    [
      'build',
      '-trimpath',
      '-tags=arrow_json_stdlib',
      '-ldflags=-s -w',
      '-o',
      `dist/datasource/gpx_accord_${system}`,
      './pkg/cmd/datasource',
    ],
    { CGO_ENABLED: '0' },
  );
  run('go', ['build', '-o', made.command, './tests/browser/host']);
}
