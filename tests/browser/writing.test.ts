/** A document is begun, checked, previewed, saved, seen; nobody's change is lost; who may not, cannot. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { documentsOf } from './documents';
import { accessible, fixture, gone, see, settled, title } from './visiting';

const name = 'tests-written';
const named = 'Written by the tests';

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });
const editor = (page: Page) => page.getByRole('textbox', { name: /^Text of / });

async function choose(page: Page, label: string | RegExp, option: string) {
  const box = page.getByRole('combobox', { name: label });
  await box.click();
  await box.fill(option);
  await page.getByRole('option', { name: option }).first().click();
}

/** Pastes another text over the one in the editor. Typed keys would be indented by it. */
async function replace(page: Page, text: string) {
  await editor(page).focus();
  await page.keyboard.press('ControlOrMeta+a');
  await editor(page).evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** Saves, and fails with what the page says when it was not saved. */
async function saveAs(page: Page) {
  await save(page).click();
  const refusal = page.getByRole('alert').filter({ hasText: /Nothing was written|cannot be saved|may not/ });
  const done = page.getByText(/Saved at/);
  await see(done.or(refusal));
  assert.ok(await done.isVisible(), await refusal.allInnerTexts().then((texts) => texts.join()));
}

async function begin(page: Page) {
  await page.getByRole('textbox', { name: /^Title/ }).fill(named);
  await page.getByRole('textbox', { name: /^Name/ }).fill(name);
  await choose(page, 'Service', 'orders-database');
  await choose(page, /^Provider/, 'databases');
  await choose(page, /^Consumers/, 'payments');
  await page.keyboard.press('Escape');
  await choose(page, 'SLO', 'orders-database-up');
  await page.getByRole('button', { name: 'Go on with the text' }).click();
}

describe('writing', () => {
  const shared = fixture();

  shared.tidy(async () => {
    const { context } = await shared.visit({ as: 'admin' });
    await (await documentsOf(context, shared.at)).remove('Agreement', name);
  });

  test('create, validate, preview, save, see it in the catalog; changed elsewhere, the conflict is told', async () => {
    const { page, open, clean } = await shared.visit({ expected: /^412 / });
    await open('/workbench');
    await page.getByRole('link', { name: 'Agreement', exact: true }).click();
    await see(title(page, 'New Agreement'));
    await accessible(page);
    await begin(page);

    await see(editor(page), page.getByText(/No errors/));
    await see(page.getByRole('heading', { name: 'What it would mean' }));
    await gone(page.getByText('Measuring the last 90 days…'));
    await settled(page);
    await accessible(page);
    await save(page).click();
    // From now on it has an address, and a place in a file.
    await see(title(page, `Agreement ${name}`), page.getByText(/\.yaml:\d+/));

    const { page: other, open: openOther, clean: cleanOther, context } = await shared.visit();
    await openOther(`/agreements?q=${name}`);
    await see(other.getByText(named));
    cleanOther();

    const somebody = await documentsOf(context, shared.at);
    const saved = await somebody.read('Agreement', name);
    const theirs = saved.replace(named, 'Changed by somebody else');
    assert.notEqual(theirs, saved);
    await elsewhere(theirs);

    await replace(page, saved.replace(named, 'Changed by me'));
    await see(page.getByText(/No errors/));
    await save(page).click();
    await see(page.getByText(`Somebody else has changed Agreement ${name}`));
    await see(page.getByText(/Changed by somebody else/), page.getByText(/Changed by me/));
    await accessible(page);
    assert.equal(await somebody.read('Agreement', name), theirs);
    await page.getByRole('button', { name: /Go on with mine/ }).click();
    await saveAs(page);
    assert.match(await somebody.read('Agreement', name), /Changed by me/);
    clean();

    /** In the folder where there is one at hand, as an editor of files does; else through Grafana. */
    async function elsewhere(text: string) {
      const folder = shared.at.host?.documents;
      if (!folder) {
        await somebody.put(text);
        return;
      }
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file));
      const file = files.find((one) => one.endsWith('.yaml') && readFileSync(one, 'utf8').includes(`name: ${name}`));
      assert.ok(file);
      writeFileSync(file, readFileSync(file, 'utf8').replace(saved.trim(), text.trim()));
    }
  });

  test('what is wrong is said while one types, with the way to its place', async () => {
    const { page, open, clean, context } = await shared.visit();
    const text = await (await documentsOf(context, shared.at)).read('Agreement', 'database-for-payments');
    await open('/workbench/Agreement/database-for-payments');
    await see(editor(page), page.getByText(/No errors/));
    await replace(page, text.replace('stage: active', 'stage: actve'));
    await see(page.getByText(/1 error/), page.getByRole('list', { name: 'What is wrong' }));
    assert.ok(await save(page).isDisabled());
    await page.getByRole('button', { name: /^Line \d+$/ }).click();
    await accessible(page);
    await replace(page, text);
    await see(page.getByText(/No errors/));
    clean();
  });

  test('leaving with unsaved work asks, and what was typed is kept', async () => {
    const { page, open, context } = await shared.visit();
    const text = await (await documentsOf(context, shared.at)).read('Team', 'payments');
    await open('/workbench/Team/payments');
    await see(editor(page));
    await replace(page, text.replace('displayName: Payments', 'displayName: Typed by the tests'));
    await see(page.getByText(/Not saved/));
    await page.getByRole('link', { name: 'Workbench' }).first().click();
    const dialog = page.getByRole('dialog').filter({ hasText: 'Leave without saving?' });
    await see(dialog);
    await dialog.getByRole('button', { name: 'Stay' }).click();
    await see(page.getByText(/Not saved/));
    await page.getByRole('link', { name: 'Workbench' }).first().click();
    await dialog.getByRole('button', { name: 'Leave' }).click();
    await see(page.getByRole('heading', { name: 'Not saved yet' }));
    await page.getByRole('link', { name: 'Team payments' }).click();
    await see(page.getByText('This is what you typed before and did not save'));
    await page.getByText('Discard it').click();
    await gone(page.getByText(/Not saved; kept/));
  });

  test('a viewer reads, and is refused by the backend, not only by the page', async () => {
    const { page, open, clean, context } = await shared.visit({ as: 'viewer' });
    await open('/workbench/Agreement/database-for-payments');
    await see(page.getByText('You may look and copy'), editor(page));
    assert.ok(await save(page).isDisabled());
    await settled(page);
    await accessible(page);
    await open('/workbench?new=Agreement');
    await see(page.getByText('New documents are begun by Editors'));
    clean();
    const root = `/api/datasources/uid/${await shared.at.datasource()}/resources`;
    const headers = { 'Content-Type': 'application/yaml', 'If-None-Match': '*' };
    const data = 'apiVersion: accord/v1\nkind: Team\nmetadata: {name: tests-forbidden}\nspec: {}\n';
    const refused = [
      await context.request.put(`${root}/documents/Team/tests-forbidden`, { data, headers }),
      await context.request.delete(`${root}/documents/Team/payments`, { headers: { 'If-Match': '"x"' } }),
      await context.request.post(`${root}/preview`, { data, headers }),
      await context.request.post(`${root}/cache/drop`, { data: {} }),
    ];
    assert.deepEqual(
      refused.map((answer) => answer.status()),
      [403, 403, 403, 403],
    );
  });

  test('the backend goes and comes back in the middle of an edit: nothing is lost', async (t) => {
    const { host } = shared.at;
    if (!host) {
      return t.skip('needs the host of the tests, which can stop the backend');
    }
    const { page, open, context } = await shared.visit();
    const somebody = await documentsOf(context, shared.at);
    const text = await somebody.read('Team', 'search');
    await open('/workbench/Team/search');
    await see(editor(page), page.getByText(/No errors/));
    await host.backend.stop();
    try {
      await replace(page, text.replace('Search & Discovery', 'Typed while it was gone'));
      await see(page.getByText(/Checked by the schema alone/));
      await save(page).click();
      await see(page.getByText('Nothing was written: nobody answers'));
      await page.reload();
      await see(page.getByRole('alert'));
    } finally {
      await host.backend.start();
    }
    await page.reload();
    await see(page.getByText('This is what you typed before and did not save'), page.getByText(/No errors/));
    await saveAs(page);
    assert.match(await somebody.read('Team', 'search'), /Typed while it was gone/);
    await somebody.put(text);
  });
});
