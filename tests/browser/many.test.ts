/** A large catalog is as usable as a small one. The times are printed, not asserted: they are the machine's. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import { type BrowserContext, type Page } from 'playwright-core';
import { parseAllDocuments } from 'yaml';
import { type Target } from './target';
import { fixture, see, settled, sorting, title } from './visiting';

/** Enough distinct queries that no two agreements next to each other share theirs. */
const distinct = 40;

const count = 10_000;

/** One agreement of the company's size and shape: two objectives, of which every fortieth agreement asks the same. */
const agreement = (index: number) => `apiVersion: accord/v1
kind: Agreement
metadata: {name: many-${index}, displayName: Many ${index}, labels: {part: "${index % distinct}"}}
spec:
  service: recommendations
  provider: data
  consumers: [storefront]
  stage: active
  effective: {from: "2026-01-01"}
  objectives:
    - name: availability
      indicator:
        metadata: {name: many-${index % distinct}}
        spec:
          ratioMetric:
            counter: true
            bad: {metricSource: {type: Prometheus, spec: {query: 'sum(http_requests_total{job="recommendations",code=~"5..",code!="${index % distinct}"})'}}}
            total: {metricSource: {type: Prometheus, spec: {query: 'sum(http_requests_total{job="recommendations",code!="${index % distinct}"})'}}}
      target: 0.99
      window: {calendar: month}
`;

/** Writes that many agreements beside those of the company. */
async function write(folder: string, count: number) {
  await rm(path.join(folder, 'many'), { recursive: true, force: true });
  await mkdir(path.join(folder, 'many'));
  const perFile = 100;
  for (let first = 0; first < count; first += perFile) {
    const texts = Array.from({ length: Math.min(perFile, count - first) }, (_, index) => agreement(first + index));
    await writeFile(path.join(folder, 'many', `${first}.yaml`), texts.join('---\n'));
  }
}

/** Waits until the catalog has them all: the files of a folder come one by one. */
async function known(context: BrowserContext, at: Target, count: number) {
  const health = `/api/datasources/uid/${await at.datasource()}/resources/health`;
  const until = Date.now() + 90_000;
  const agreements = async () =>
    ((await (await context.request.get(health)).json()) as { documents: { agreements: number } }).documents.agreements;
  while ((await agreements()) < count) {
    assert.ok(Date.now() < until, `${await agreements()} of ${count} agreements were read`);
  }
}

const table = (page: Page) => page.getByRole('table');

/** Prints in how many seconds that was done. */
async function timed(t: TestContext, what: string, action: () => Promise<void>) {
  const began = performance.now();
  await action();
  t.diagnostic(`${what}: ${((performance.now() - began) / 1000).toFixed(2)} s`);
}

describe('many agreements', () => {
  const shared = fixture();
  before(() => assert.equal(parseAllDocuments(agreement(1))[0].errors.length, 0));

  test(
    'ten thousand are searched, sorted and leafed through, and no page asks for all',
    { skip: !!process.env.GRAFANA_URL && 'needs a folder that the test may fill' },
    async (t) => {
      const folder = shared.at.host?.documents;
      assert.ok(folder);
      await write(folder, count);
      t.after(() => rm(path.join(folder, 'many'), { recursive: true, force: true }));
      const { page, open, clean, context } = await shared.visit();
      await known(context, shared.at, count);
      page.setDefaultTimeout(60_000);
      const large: string[] = [];
      page.on('response', async (answer) => {
        const bytes = answer.url().includes('/resources/') ? (await answer.body().catch(() => '')).length : 0;
        if (bytes > 150 * 1024) {
          large.push(`${answer.url()} has ${bytes} bytes`);
        }
      });
      // With the few of the company.
      const listed = page.getByText(new RegExp(`^All ${count.toLocaleString('en-US').slice(0, -2)}\\d\\d$`));
      // The first time the counts of 90 days are read; afterwards only what is new.
      await timed(t, 'agreements, cold', async () => {
        await open('');
        await see(listed, table(page).getByText(/\d% \/ \d/));
      });
      await timed(t, 'agreements, warm', async () => {
        await open('');
        await see(listed, table(page).getByText(/\d% \/ \d/));
      });
      await see(page.getByRole('img', { name: /^Error budget left over 30 days/ }));
      await timed(t, 'the second page', async () => {
        await page.getByRole('button', { name: '2', exact: true }).click();
        await page.waitForURL((url) => url.searchParams.get('page') === '2');
        await settled(page);
      });
      await timed(t, 'a search by typing', async () => {
        await page.getByRole('textbox', { name: 'Search agreements' }).fill('Orders database');
        await see(page.getByText(/^1 of /), table(page).getByRole('link', { name: 'Orders database for Payments' }));
      });
      await timed(t, 'sorted by another column', async () => {
        await page.getByRole('button', { name: 'Clear filters' }).click();
        await sorting(page, 'Agreement').click();
        await page.waitForURL((url) => url.searchParams.has('sort'));
        await settled(page);
      });
      await open(`/agreements/many-${count - 1}`);
      await see(title(page, `Many ${count - 1}`), page.getByText(/\d/).first());
      await settled(page);
      assert.deepEqual(large, [], 'no page asks for all');
      clean();
    },
  );
});
