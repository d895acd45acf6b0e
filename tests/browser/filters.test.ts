/** What is searched, filtered, sorted is in the URL: a link shows another person the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { fixture, see, settled, sorting } from './visiting';

const table = (page: Page) => page.getByRole('table');

/** The names of the agreements that are shown, from top to bottom. */
const shown = (page: Page) =>
  table(page)
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => row.querySelector('a')?.textContent));

/** Does it, and waits until the rows that it asks for are shown. */
async function asked(page: Page, what: () => Promise<unknown>) {
  const [response] = await Promise.all([page.waitForResponse(/pages\/agreements\?/), what()]);
  const { rows } = (await response.json()) as { rows: Array<{ name: string; displayName?: string }> };
  const names = rows.map(({ name, displayName }) => displayName || name);
  await page.waitForFunction((expected) => {
    const links = [...document.querySelectorAll('main tbody tr')].map((row) => row.querySelector('a')?.textContent);
    return JSON.stringify(links) === JSON.stringify(expected);
  }, names);
}

const params = (page: Page) => new URL(page.url()).searchParams;

/** Waits until the URL has the parameter. */
const inUrl = (page: Page, name: string) => page.waitForURL((url) => url.searchParams.has(name));

describe('agreements', () => {
  const { visit } = fixture();

  test('each filter is in the URL, and the URL is the filter', async () => {
    const { page, open, clean } = await visit();
    await open('');
    for (const name of ['State', 'Provider', 'Consumer', 'Service', 'Stage', 'Label']) {
      await see(table(page));
      await page.getByRole('combobox', { name, exact: true }).click();
      await asked(page, () => page.getByRole('option').first().click());
      assert.ok(params(page).has(name.toLowerCase()));
      const rows = await shown(page);
      assert.ok(rows.length > 0);
      await page.reload();
      await see(table(page));
      await settled(page);
      assert.deepEqual(await shown(page), rows, name);
      await asked(page, () => page.getByRole('button', { name: 'Clear filters' }).click());
    }
    clean();
  });

  test('a tile, the search and the order are in the URL, and are taken away with all filters', async () => {
    const { page, open, clean } = await visit();
    await open('');
    await see(table(page));
    const all = await shown(page);
    await page.getByRole('button', { name: /^\d+ Met$/ }).click();
    await inUrl(page, 'state');
    await see(page.getByText(/^\d+ of \d+$/));
    await page.getByRole('textbox', { name: 'Search agreements' }).fill('orders database payments');
    await inUrl(page, 'search');
    await see(page.getByText(/^1 of \d+$/));
    assert.deepEqual(await shown(page), ['Orders database for Payments']);
    await page.getByRole('textbox', { name: 'Search agreements' }).fill('no such words');
    await see(page.getByText('No agreement matches all of this'));
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await see(page.getByText(/^All \d+$/));
    assert.equal(params(page).get('search'), null);
    assert.deepEqual(await shown(page), all);
    await asked(page, () => sorting(page, 'Agreement').click());
    assert.ok(params(page).has('sort'));
    const sorted = await shown(page);
    assert.notDeepEqual(sorted, all);
    await page.reload();
    await see(table(page));
    await settled(page);
    assert.deepEqual(await shown(page), sorted);
    clean();
  });

  test('a filter of an old link that matches nothing says so', async () => {
    const { page, open, clean } = await visit();
    await open(`/agreements?provider=${encodeURIComponent('gone/?%&<b>')}`);
    await see(page.getByText('No agreement matches all of this'));
    clean();
  });

  test('what is shown can be taken along as CSV', async () => {
    const { page, open, clean } = await visit();
    await open('?provider=databases');
    await see(table(page));
    const csv = async () => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'CSV' }).click(),
      ]);
      return readFileSync(await download.path(), 'utf8');
    };
    const text = await csv();
    assert.match(text, /database-for-payments/);
    assert.doesNotMatch(text, /service-desk-for-staff/);
    // Also by what has just been typed.
    await page.getByRole('textbox', { name: 'Search agreements' }).fill('no such words');
    assert.doesNotMatch(await csv(), /database-for-payments/);
    clean();
  });
});
