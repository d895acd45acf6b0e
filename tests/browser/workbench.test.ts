/** Documents are begun, checked, previewed, saved and deleted; nobody's change is lost. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
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

describe('the Workbench', () => {
  const context = fixture();
  const { visit } = context;
  const onDisk = (file: string) => {
    assert.ok(context.at.host);
    return path.join(context.at.host.documents, file);
  };

  test('a team is begun by a form, saved, found, and deleted', async () => {
    const { page, open, clean } = await visit({ expected: /404/ });
    await open('/workbench?new=Team');
    await page.getByRole('button', { name: 'Go on with the text' }).click();
    await see(page.getByRole('alert').filter({ hasText: 'Something is missing' }));
    await page.getByLabel('Title').fill('Night Watch');
    await page.getByRole('button', { name: 'Go on with the text' }).click();
    await see(page.getByText('night-watch').first(), status(page, 'No errors'));
    await see(page.getByText('No agreement is measured differently because of this text.'));
    await accessible(page);
    await save(page).click();
    await see(title(page, 'Team night-watch'));
    await open('/workbench?q=night');
    await see(page.getByRole('link', { name: 'night-watch' }), status(page, '1 document'));
    await accessible(page);
    await page.getByRole('link', { name: 'night-watch' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await see(title(page, 'Workbench'));
    await open('/workbench?q=night');
    await see(page.getByText('There is no such document'));
    clean();
  });

  test('mistakes are told with their places, and a change by what it would mean', async () => {
    const { page, open, clean } = await visit();
    await open('/workbench/Agreement/payments-for-checkout');
    await change(page, 'target: 0.97', 'target: 97');
    await see(page.getByText('did you mean 0.97?'));
    assert.ok(await save(page).isDisabled());
    await page
      .getByRole('button', { name: /^Line \d+/ })
      .first()
      .click();
    await change(page, 'target: 97', 'target: 0.9');
    await see(status(page, 'No errors'));
    await see(page.getByText('The target would be 90 % instead of 97 %.').first());
    await see(page.getByRole('table', { name: 'latency before and after' }).first());
    await accessible(page, searchBox);
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await see(page.getByText(/would have fired/).first(), page.getByText('What its alerts can do').first());
    await page.mouse.move(0, 0);
    await accessible(page, searchBox);
    // Undo brings back what was there.
    await page.getByRole('textbox', { name: /^Text of/ }).focus();
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press('Control+z');
    }
    await gone(status(page, 'Not saved'));
    clean();
  });

  test('what is typed is not lost by leaving', async () => {
    const { page, open, clean } = await visit();
    await open('/workbench/Service/search-api');
    await typeLine(page, '# Not for long');
    await see(status(page, 'Not saved'));
    await page.getByRole('link', { name: 'Teams' }).first().click();
    await see(page.getByText('Leave without saving?'));
    await page.getByRole('button', { name: 'Stay' }).click();
    await see(title(page, 'Service search-api'));
    await page.getByRole('link', { name: 'Teams' }).first().click();
    await page.getByRole('button', { name: 'Leave', exact: true }).click();
    await see(title(page, 'Teams'));
    await open('/workbench');
    await page.getByRole('link', { name: 'Service search-api' }).click();
    await see(page.getByText('This is what you typed before and did not save'), page.getByText('# Not for long'));
    await page.getByRole('button', { name: 'Discard it' }).click();
    await gone(page.getByText('# Not for long'));
    clean();
  });

  test(
    'a change by somebody else is shown beside mine, and neither is lost',
    { skip: !!process.env.GRAFANA_URL },
    async () => {
      const { page, open, clean } = await visit({ expected: /^412 / });
      await open('/workbench/Service/checkout-api');
      await typeLine(page, '# Mine');
      await see(status(page, 'No errors'));
      const file = onDisk('checkout/checkout.yaml');
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace('spec:', 'spec: # Theirs'));
      await save(page).click();
      const notice = page.getByRole('alert').filter({ hasText: 'Somebody else has changed Service checkout-api' });
      await see(notice.getByText(/^-spec: # Theirs/), notice.getByText('+# Mine'));
      await accessible(page);
      await notice.getByRole('button', { name: /^Go on with mine/ }).click();
      await save(page).click();
      await see(status(page, 'Saved at'));
      const written = readFileSync(file, 'utf8');
      assert.match(written, /# Mine/);
      assert.doesNotMatch(written, /# Theirs/);
      clean();
    },
  );

  test('a backend that starts anew in the middle loses nothing', { skip: !!process.env.GRAFANA_URL }, async () => {
    const { page, open } = await visit();
    await open('/workbench/Service/shipping-labels');
    await see(status(page, 'No errors'));
    await context.at.host!.backend.stop();
    try {
      await typeLine(page, '# Meanwhile');
      await see(status(page, 'Checked by the schema alone'));
      await save(page).click();
      await see(page.getByText('Nothing was written: nobody answers'), page.getByText('# Meanwhile'));
    } finally {
      await context.at.host!.backend.start();
    }
    await see(status(page, 'No errors'));
    await save(page).click();
    await see(status(page, 'Saved at'));
  });

  test('the change is a diff that git can apply', async () => {
    const { page, open, clean } = await visit();
    await open('/workbench/Service/payments-api');
    await typeLine(page, '# Reviewed');
    await page.getByRole('button', { name: 'Diff' }).click();
    const patch = page.getByRole('region', { name: 'The change' });
    await see(patch.getByText('+# Reviewed'), patch.getByText(/^--- a\/payments\/payments-api\.yaml/));
    clean();
  });

  test('a viewer looks and copies', async () => {
    const { page, open, clean } = await visit({ as: 'viewer', width: 360 });
    await open('/workbench/Agreement/payments-for-checkout');
    await see(page.getByText('You may look and copy'), page.getByText('Previews are for Editors', { exact: false }));
    assert.ok(await save(page).isDisabled());
    assert.ok(await page.getByRole('button', { name: 'Delete' }).isDisabled());
    await settled(page);
    await fits(page);
    await accessible(page);
    await open('/workbench?new=Team');
    await see(page.getByText('New documents are begun by Editors'));
    clean();
  });
});
