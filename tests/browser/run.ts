/**
 * The browser tests: npm run test:browser [-- NAME…]; see README.md. Builds
 * what they run against, runs two files at a time, and says how long each took.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { build, root } from './build';
import { chromiumPath, hasChromium, inGrafana } from './target';

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
      'SKIPPED: what needs GRAFANA_HOME or the host of the tests: Prometheus gone, documents changed on disk, many of them',
    );
  }
}

interface Result {
  file: string;
  passed: boolean;
  seconds: number;
  /** What failed and why, as the tests of the file said it last. */
  failures: string;
}

/** Runs the tests of one file, and prints what they said once they are through. */
function run(file: string): Promise<Result> {
  const began = performance.now();
  const node = ['--import', 'tsx', '--test', '--test-reporter=spec', path.join(here, file)];
  const tests = spawn(process.execPath, node, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  tests.stdout.on('data', (text: Buffer) => said.push(text));
  tests.stderr.on('data', (text: Buffer) => said.push(text));
  return new Promise((resolve) =>
    tests.on('close', (code) => {
      const text = Buffer.concat(said).toString();
      process.stdout.write(text);
      const [, failures = ''] = text.split('✖ failing tests:');
      resolve({ file, passed: code === 0, seconds: secondsSince(began), failures: failures.trim() });
    }),
  );
}

const secondsSince = (began: number) => Math.round((performance.now() - began) / 1000);

/** They mostly wait, for the browser and for Prometheus; a Grafana, though, they share, with all its documents, or start. */
async function runAll(): Promise<Result[]> {
  // The longest begin first, so that the others fill the time beside them.
  const isLongest = (file: string) => ['pages.test.ts', 'outage.test.ts'].includes(file);
  const queue = [...files.filter(isLongest), ...files.filter((file) => !isLongest(file))];
  const results: Result[] = [];
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      results.push(await run(file));
    }
  };
  await Promise.all(Array.from({ length: inGrafana ? 1 : 2 }, worker));
  return results.sort((one, other) => one.file.localeCompare(other.file));
}

sayMissing();
if (hasChromium()) {
  if (!process.env.GRAFANA_URL) {
    build();
  }
  const began = performance.now();
  const results = await runAll();
  console.log('\nbrowser tests');
  for (const { file, passed, seconds } of results) {
    console.log(`${passed ? 'ok  ' : 'FAIL'} ${file.replace('.test.ts', '').padEnd(20)} ${seconds} s`);
  }
  for (const { failures } of results.filter((one) => one.failures)) {
    console.log(`\n${failures}\n`);
  }
  console.log(`took ${secondsSince(began)} s`);
  sayMissing();
  process.exitCode = results.length && results.every(({ passed }) => passed) ? 0 : 1;
}
