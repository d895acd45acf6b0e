/** A month is frozen, verified and downloaded; what wants mending leads to where it is mended. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixture, gone, see, settled, title } from './visiting';

describe('statements and findings', () => {
  const { visit } = fixture();

  test('a month is frozen, one agreement and then all in one request, and verified', async () => {
    const { page, open, clean } = await visit();
    await open('/statements');
    const row = page.getByRole('row').filter({ hasText: 'Orders database for Payments' });
    await row.getByRole('button', { name: 'Freeze Orders database for Payments' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Freeze', exact: true }).click();
    await see(row.getByText('Frozen', { exact: true }), row.getByText(/^\d{4}-\d\d-\d\d .* by /));

    const requests: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && requests.push(request.url()));
    await page.getByRole('button', { name: /^Freeze all \d+$/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Freeze', exact: true }).click();
    await see(page.getByRole('button', { name: 'Not frozen (0)' }));
    assert.equal(requests.filter((url) => url.endsWith('/resources/statements')).length, 1);

    const named = await row.getByRole('cell').filter({ hasText: 'Orders database' }).boundingBox();
    assert.ok(named && named.width > 200, `names and parties have ${named?.width} px`);

    const opener = page.getByRole('button', { name: /statement of Orders database for Payments/ });
    await opener.click();
    await see(page.getByRole('menu').getByText('HTML, to print'));
    await page.getByRole('menuitem', { name: 'Verify', exact: true }).click();
    await see(page.getByText(/^Verified, /));
    await page.keyboard.press('Escape');
    await see(opener.and(page.locator(':focus')));
    clean();
  });

  test('a viewer reads a month, and is offered no freezing', async () => {
    const { page, open, clean } = await visit({ as: 'viewer' });
    await open('/statements?show=met');
    await see(page.getByText(/that takes the role Editor or Admin/), page.getByRole('table').getByText(/\d%/).first());
    assert.equal(await page.getByRole('button', { name: /^Freeze/ }).count(), 0);
    clean();
  });

  test('a finding leads to the document in which it is mended', async () => {
    const { page, open, clean } = await visit();
    await open('/documents/findings?kind=documents');
    await page.getByRole('table').getByRole('link').first().click();
    await page.waitForURL(/\/documents\/\w+\/[\w-]+/);
    await settled(page);
    clean();
  });

  test('findings are filtered by the keyboard, and the address has it', async () => {
    const { page, open, clean } = await visit();
    await open('/documents/findings');
    await see(title(page, 'Documents'), page.getByRole('tab', { name: 'Findings' }));
    await page.getByRole('combobox', { name: 'Severity' }).focus();
    await page.keyboard.type('Err');
    await see(page.getByRole('option', { name: /^Error/ }));
    await gone(page.getByRole('option', { name: /^Info/ }));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('severity') === 'error');
    await see(page.getByRole('table').getByText('it can never fire').first());
    clean();
  });
});
