/** What is searched, filtered, sorted is in the URL: a link shows another person the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { fixture, see, settled } from './visiting';

const table = (page: Page) => page.getByRole('table', { name: 'Agreements and how they stand' });

/** The names of the agreements that are shown, from top to bottom. */
const shown = (page: Page) =>
  table(page).getByRole('rowheader').or(table(page).locator('tbody tr td:first-child')).allInnerTexts();

const params = (page: Page) => new URL(page.url()).searchParams;

/** Waits until the URL has the parameter. */
const inUrl = (page: Page, name: string) => page.waitForURL((url) => url.searchParams.has(name));

describe('agreements', () => {
  const { visit } = fixture();

  for (const [label, name] of Object.entries({
    State: 'state',
    Provider: 'provider',
    Consumer: 'consumer',
    Service: 'service',
    Stage: 'stage',
    Label: 'label',
  })) {
    test(`the filter ${label} is in the URL, and the URL is the filter`, async () => {
      const { page, open, clean } = await visit();
      await open('/agreements');
      await see(table(page));
      await page.getByRole('combobox', { name: label, exact: true }).click();
      await page.getByRole('option').first().click();
      await inUrl(page, name);
      await see(page.getByText(/^\d+ of \d+ agreements$/).or(page.getByText(/^\d+ agreements?$/)));
      await settled(page);
      const rows = await shown(page);
      assert.ok(rows.length > 0);
      await page.reload();
      await see(table(page));
      await settled(page);
      assert.deepEqual(await shown(page), rows);
      clean();
    });
  }

  test('the search is in the URL, and is taken away with all filters', async () => {
    const { page, open, clean } = await visit();
    await open('/agreements');
    await see(table(page));
    const all = await shown(page);
    await page.getByRole('textbox', { name: 'Search agreements' }).fill('orders database payments');
    await inUrl(page, 'q');
    await see(page.getByText(/^\d+ of \d+ agreements$/));
    assert.match((await shown(page)).join(), /Orders database/);
    await page.getByRole('textbox', { name: 'Search agreements' }).fill('no such words');
    await see(page.getByText('No agreement fits all of this'));
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await see(table(page));
    assert.equal(params(page).get('q'), null);
    assert.equal((await shown(page)).length, all.length);
    clean();
  });

  test('the order is in the URL', async () => {
    const { page, open, clean } = await visit();
    await open('/agreements');
    await table(page).getByRole('columnheader').getByRole('button').first().click();
    await inUrl(page, 'sort');
    await settled(page);
    const rows = await shown(page);
    await page.reload();
    await see(table(page));
    await settled(page);
    assert.deepEqual(await shown(page), rows);
    clean();
  });

  test('a filter of an old link that fits nothing says so', async () => {
    const { page, open, clean } = await visit();
    await open(`/agreements?provider=${encodeURIComponent('gone/?%&<b>')}`);
    await see(page.getByText('No agreement fits all of this'));
    clean();
  });

  test('what is shown can be taken along as CSV', async () => {
    const { page, open, clean } = await visit();
    await open('/agreements?provider=databases');
    await see(table(page));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    const text = readFileSync(await download.path(), 'utf8');
    assert.match(text, /database-for-payments/);
    assert.doesNotMatch(text, /service-desk-for-staff/);
    clean();
  });
});
