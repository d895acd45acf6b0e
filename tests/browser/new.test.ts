/** An agreement is made from what Prometheus has, with its figures before it is created. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { parse } from 'yaml';
import { documentsOf } from './documents';
import { accessible, fits, fixture, gone, see, settled, title } from './visiting';

const name = 'tests-of-the-form';

const field = (page: Page, label: string) => page.getByRole('combobox', { name: new RegExp(`^${label}`) });

/** Chooses one of what the field offers, once some of it is typed. */
async function choose(page: Page, label: string, typed: string, offered: string | RegExp) {
  await field(page, label).fill(typed);
  await page.getByRole('option', { name: offered }).click();
}

const create = (page: Page) => page.getByRole('button', { name: 'Create draft' });

/** Fills in all but the target: what the form says, of the requests that one service answers. */
async function fill(page: Page) {
  await page.getByRole('textbox', { name: 'Title' }).fill('Made in a form');
  await choose(page, 'Service', 'payments', /^Payments/);
  await choose(page, 'Provider', 'payments', /^Payments/);
  await choose(page, 'Consumers', 'store', /^Storefront/);
  await page.keyboard.press('Escape');
  await choose(page, 'Counter of all events', 'http_req', /^http_requests_total/);
  await page.getByRole('group', { name: 'Only events with' }).getByRole('button', { name: 'Add label' }).click();
  await choose(page, 'Only events with: label 1', 'jo', /^job/);
  await choose(page, 'Only events with: value 1', 'payments', /^payments-api/);
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
}

describe('a new agreement', () => {
  const shared = fixture();
  shared.tidy(async () => {
    const { context } = await shared.visit({ as: 'admin' });
    await (await documentsOf(context, shared.at)).remove('Agreement', name);
  });

  test('is made from metrics and labels that Prometheus has, by its figures, and is a document and a page', async () => {
    const { page, open, clean, context } = await shared.visit();
    await open('');
    await page.getByRole('link', { name: 'New agreement' }).click();
    await see(title(page, 'New agreement'));
    await fill(page);
    // What its errors are is suggested.
    assert.equal(await field(page, 'Events that have: label 1').inputValue(), 'code');
    assert.equal(await field(page, 'Events that have: value 1').inputValue(), '5..');

    const preview = page.getByRole('region', { name: 'Preview' });
    await see(
      preview.getByRole('row', { name: /^Last 6 hours [\d,.]{5,} [\d,.]+ 9\d(\.\d+)?%$/ }),
      preview.getByRole('row', { name: /^Last 90 days [\d,.]{9,} [\d,.]+ 9\d(\.\d+)?%$/ }),
      preview.getByText(/^A target of \d+(\.\d+)?% would have held/),
    );
    const held = page.getByRole('button', { name: /^Use \d+(\.\d+)?%, which history would have held$/ });
    await settled(page);
    await accessible(page);
    await held.click();
    const target = await page.getByRole('textbox', { name: 'Target' }).inputValue();
    assert.match(await held.innerText(), new RegExp(`^Use ${target},`));

    await create(page).click();
    await see(title(page, 'Made in a form'), page.getByRole('table').getByText(/9\d(\.\d+)?%/));
    clean();
    const text = await (await documentsOf(context, shared.at)).read('Agreement', name);
    const { spec } = parse(text) as { spec: Record<string, unknown> };
    const [objective] = spec.objectives as Array<Record<string, unknown>>;
    assert.deepEqual(
      [spec.service, spec.provider, spec.consumers, spec.stage],
      ['payments-api', 'payments', ['storefront'], 'draft'],
    );
    assert.equal(objective.target, Math.round(parseFloat(target) * 1e6) / 1e8);
    assert.match(JSON.stringify(objective), /http_requests_total\{.*job=.*payments-api.*\}/);
    if (shared.at.host) {
      const folder = shared.at.host.documents;
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
      const holding = files.filter((file) => readFileSync(path.join(folder, file), 'utf8').includes(`name: ${name}`));
      assert.equal(holding.length, 1);
    }
  });

  test('by keyboard: what is wrong is said at its field, nothing is written, and nothing typed is lost', async () => {
    const { page, open, clean } = await shared.visit();
    await open('/documents?new=Agreement');
    await page.getByRole('textbox', { name: 'Title' }).focus();
    await page.keyboard.type('Half a thought');
    await page.keyboard.press('Tab');
    await page.keyboard.type('search');
    await see(page.getByRole('option', { name: /^Search/ }));
    await gone(page.getByRole('option', { name: /^CI/ })); // of the list before it is filtered
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Target' }).focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('a lot');
    await see(page.getByRole('alert').filter({ hasText: /"a lot"/ }));
    await page.keyboard.press('Enter');
    await see(page.getByText('The agreement was not created'), page.getByText('Required').first());
    await accessible(page);

    await page.reload();
    await see(page.getByText('This is what you typed before and did not save'));
    assert.equal(await page.getByRole('textbox', { name: 'Title' }).inputValue(), 'Half a thought');
    assert.equal(await field(page, 'Service').inputValue(), 'search-api');
    assert.equal(await page.getByRole('textbox', { name: 'Target' }).inputValue(), 'a lot');
    await page.setViewportSize({ width: 360, height: 900 });
    await settled(page);
    await fits(page);
    clean();
  });
});
