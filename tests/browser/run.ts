/**
 * The browser tests: npm run test:browser [-- NAME…]; see README.md. Builds
 * what they run against, runs one file after the other, and says how long each took.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { build, root } from './build';
import { chromiumPath, hasChromium } from './target';

const here = path.join(root, 'tests/browser');
const asked = process.argv.slice(2);
const files = readdirSync(here)
  .filter((file) => file.endsWith('.test.ts') && (!asked.length || asked.some((name) => file.includes(name))))
  .sort();

/** A silent gap would look like success. */
function sayMissing() {
  if (!hasChromium()) {
    console.log(
      `SKIPPED: all browser tests: there is no Chromium at ${chromiumPath}; on Debian: apt-get install chromium`,
    );
  } else if (process.env.GRAFANA_URL) {
    console.log(
      'SKIPPED: what needs the host of the tests: Prometheus and the backend gone, documents changed on disk',
    );
  }
}

/** Whether the tests of that file passed. */
function run(file: string): { file: string; passed: boolean; seconds: number } {
  const began = performance.now();
  const node = ['--import', 'tsx', '--test', '--test-reporter=spec', path.join(here, file)];
  const { status } = spawnSync(process.execPath, node, { cwd: root, stdio: 'inherit' });
  return { file, passed: status === 0, seconds: Math.round((performance.now() - began) / 1000) };
}

sayMissing();
if (hasChromium()) {
  if (!process.env.GRAFANA_URL) {
    build();
  }
  const results = files.map(run);
  console.log('\nbrowser tests');
  for (const { file, passed, seconds } of results) {
    console.log(`${passed ? 'ok  ' : 'FAIL'} ${file.replace('.test.ts', '').padEnd(20)} ${seconds} s`);
  }
  console.log(`took ${results.reduce((sum, { seconds }) => sum + seconds, 0)} s`);
  sayMissing();
  process.exitCode = results.length && results.every(({ passed }) => passed) ? 0 : 1;
}
