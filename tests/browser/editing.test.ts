/** Documents are created, checked, previewed, tried, saved and deleted; nobody's change is lost; who may not, cannot. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { documentsOf } from './documents';
import { accessible, fits, fixture, gone, see, settled, title } from './visiting';

/** Monaco's own, which stays in the page when it is closed. */
const searchBox = '.find-widget';

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });
const status = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });

/** Waits for the editor, and puts the cursor at the start of its text. */
async function atStart(page: Page) {
  await page.getByRole('textbox', { name: /^Text of/ }).focus();
  await page.keyboard.press('Control+Home');
}

/** Types a line of its own in front of the text. */
async function typeLine(page: Page, line: string) {
  await atStart(page);
  await page.keyboard.type(`${line}\n`);
}

/** Puts another text in place of the first like it. */
async function change(page: Page, from: string, to: string) {
  await atStart(page);
  await page.keyboard.press('Control+f');
  await page.keyboard.type(from);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.type(to);
}

describe('documents', () => {
  const context = fixture();
  const { visit } = context;

  context.tidy(async () => {
    const admin = await visit({ as: 'admin' });
    await (await documentsOf(admin.context, context.at)).remove('Team', 'night-watch');
  });

  test('a team is created from its template, found, and deleted', async () => {
    const { page, open, clean } = await visit({ expected: /404/ });
    await open('/documents');
    await see(title(page, 'Documents'), page.getByRole('link', { name: 'Payments', exact: true }).first());
    await accessible(page);
    await page.getByRole('main').getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('menu').getByText('Team', { exact: true }).click();
    await see(title(page, 'New Team'));
    await change(page, 'my-team', 'night-watch');
    await change(page, 'My team', 'Night Watch');
    await see(status(page, /No errors/), page.getByText('No agreement is measured differently because of this text.'));
    await accessible(page, searchBox);
    await save(page).click();
    await see(title(page, 'Night Watch'), status(page, /Saved$/));
    await open('/documents?search=night');
    await page.getByRole('link', { name: 'Night Watch' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await see(title(page, 'Documents'));
    await open('/documents?kind=Team');
    await page.getByRole('textbox', { name: 'Search documents' }).fill('night');
    await page.waitForURL((url) => url.searchParams.get('search') === 'night');
    await see(page.getByText('There is no such document'));
    clean();
  });

  test('a mistake has its place, a change its effect and its backtest', async () => {
    const { page, open, clean } = await visit();
    await open('/documents/Agreement/payments-for-checkout');
    await change(page, 'target: 0.97', 'target: 97');
    await see(page.getByText(/did you mean 0\.97\?/).first());
    assert.ok(await save(page).isDisabled());
    await page
      .getByRole('button', { name: /^Line \d+/ })
      .first()
      .click();
    await change(page, 'target: 97', 'target: 0.9');
    await see(status(page, 'No errors'), page.getByText('The target would be 90% instead of 97%.').first());
    await accessible(page, searchBox);
    await page.getByRole('button', { name: 'Run backtest' }).click();
    await see(page.getByText(/would have fired/).first(), page.getByText('Error budget left').first());
    await page.mouse.move(0, 0);
    await accessible(page, searchBox);
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await gone(status(page, 'Not saved'));
    clean();
  });

  test('what is typed is not lost by leaving', async () => {
    const { page, open, clean } = await visit();
    await open('/documents/Service/search-api');
    await typeLine(page, '# Not for long');
    await see(status(page, 'Not saved'));
    await page.getByRole('link', { name: 'Teams' }).first().click();
    await page.getByRole('button', { name: 'Stay' }).click();
    await see(page.getByText('# Not for long'));
    await page.getByRole('link', { name: 'Teams' }).first().click();
    await page.getByRole('button', { name: 'Leave', exact: true }).click();
    await see(title(page, 'Teams'));
    await open('/documents');
    await page.getByRole('link', { name: 'Service search-api' }).click();
    const edited = page.url();
    await page.reload();
    await see(page.getByText('This is what you typed before and did not save'), page.getByText('# Not for long'));
    await page.goBack();
    await page.getByRole('button', { name: 'Stay' }).click();
    await see(page.getByText('# Not for long'));
    assert.equal(page.url(), edited);
    await page.getByRole('button', { name: 'Discard it' }).click();
    await gone(page.getByText('# Not for long'));
    clean();
  });

  test('a change by somebody else is shown beside mine, and neither is lost', async (t) => {
    const { host } = context.at;
    if (!host) {
      return t.skip('needs a folder that the test may change');
    }
    const { page, open, clean } = await visit({ expected: /^412 / });
    await open('/documents/Service/checkout-api');
    await typeLine(page, '# Mine');
    await see(status(page, 'No errors'));
    const file = path.join(host.documents, 'checkout/checkout.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('spec:', 'spec: # Theirs'));
    await save(page).click();
    const notice = page.getByRole('alert').filter({ hasText: 'Somebody else has changed Service checkout-api' });
    await see(notice.getByText('-spec: # Theirs'), notice.getByText('+# Mine'));
    await accessible(page);
    await notice.getByRole('button', { name: /^Keep mine/ }).click();
    await save(page).click();
    await see(status(page, /Saved$/));
    const written = readFileSync(file, 'utf8');
    assert.match(written, /# Mine/);
    assert.doesNotMatch(written, /# Theirs/);
    clean();
  });

  test('a backend that goes and comes back in the middle loses nothing', async (t) => {
    const backend = context.at.host?.backend;
    if (!backend) {
      return t.skip('needs the host of the tests, which can stop the backend');
    }
    const { page, open } = await visit();
    await open('/documents/Service/shipping-labels');
    await see(status(page, 'No errors'));
    await backend.stop();
    try {
      await typeLine(page, '# Meanwhile');
      await see(status(page, 'Not checked'), page.getByText('# Meanwhile'));
    } finally {
      await backend.start();
    }
    await see(status(page, 'No errors'));
    await save(page).click();
    await see(status(page, /Saved$/));
  });

  test('the change is a diff that git can apply', async () => {
    const { page, open, clean } = await visit();
    await open('/documents/Service/payments-api');
    await typeLine(page, '# Reviewed');
    await see(status(page, 'No errors'));
    await page.getByRole('button', { name: 'Diff' }).click();
    const patch = page.getByRole('region', { name: 'The change' });
    await see(patch.getByText('+# Reviewed'), patch.getByText(/^--- a\/payments\/payments-api\.yaml/));
    await accessible(page);
    clean();
  });

  test('a viewer reads and copies, and is refused by the backend, not only by the page', async () => {
    const { page, open, clean, context: viewer } = await visit({ as: 'viewer', width: 400 });
    await open('/documents');
    await settled(page);
    await fits(page);
    await open('/documents/Agreement/payments-for-checkout');
    await see(page.getByText('You may read and copy'), page.getByText('Previews are for Editors', { exact: false }));
    assert.ok(await save(page).isDisabled());
    assert.ok(await page.getByRole('button', { name: 'Delete' }).isDisabled());
    await settled(page);
    await fits(page);
    await accessible(page);
    clean();
    const root = `/api/datasources/uid/${await context.at.datasource()}/resources`;
    const headers = { 'Content-Type': 'application/yaml', 'If-None-Match': '*' };
    const data = 'apiVersion: accord/v1\nkind: Team\nmetadata: {name: tests-forbidden}\nspec: {}\n';
    const refused = [
      await viewer.request.put(`${root}/documents/Team/tests-forbidden`, { data, headers }),
      await viewer.request.delete(`${root}/documents/Team/payments`, { headers: { 'If-Match': '"x"' } }),
      await viewer.request.post(`${root}/preview`, { data, headers }),
    ];
    assert.deepEqual(
      refused.map((answer) => answer.status()),
      [403, 403, 403],
    );
  });
});
