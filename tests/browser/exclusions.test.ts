/** Exclusions: filtered, proposed with their effect, approved by a member of another party alone, withdrawn. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { parse, stringify } from 'yaml';
import { documentsOf } from './documents';
import { accessible, fixture, gone, see, title } from './visiting';

/** Withdraws the exclusion that is open, and says yes when asked. */
async function withdraw(page: Page) {
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await page
    .getByRole('dialog')
    // In Grafana 12 the question is no name of the dialog.
    .filter({ has: page.getByRole('heading', { name: 'Withdraw this exclusion?' }) })
    .getByRole('button', { name: 'Withdraw' })
    .click();
}

describe('exclusions', () => {
  const shared = fixture();
  const { visit } = shared;

  test('are filtered by the keyboard, and the address has it', async () => {
    const { page, open, clean } = await visit();
    await open('/exclusions');
    await see(title(page, 'Exclusions'), page.getByRole('link', { name: 'Monthly upgrade of the orders database' }));
    await see(page.getByText('Approved by Payments').first(), page.getByText(/Needs the approval of one of/).first());
    await page.getByRole('radio', { name: /^Proposed/ }).focus();
    await page.keyboard.press('Space');
    await gone(page.getByRole('link', { name: 'Monthly upgrade of the orders database' }));
    assert.match(page.url(), /approval=proposed/);
    clean();
  });

  test('the time that is shown is in the address, and no empty timeline while it is awaited', async () => {
    const { page, open, clean } = await visit();
    let answer = () => {};
    const awaited = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/pages/timeline?*', async (route) => {
      await awaited;
      await route.continue();
    });
    const asked = page.waitForRequest((one) => one.url().includes('pages/timeline?from=2026-10-05T00%3A00%3A00.000Z'));
    await open('/exclusions?from=2026-10-05T00:00:00.000Z&to=2026-10-12T00:00:00.000Z');
    await asked;
    await see(page.getByRole('link', { name: 'Monthly upgrade of the orders database' }));
    assert.equal(
      await page
        .getByText('No data')
        .or(page.getByText(/\d+ series/))
        .count(),
      0,
    );
    answer();
    await page.getByRole('button', { name: /Time range selected/ }).click();
    await page.getByText('Last 7 days', { exact: true }).first().click();
    await page.waitForURL((url) => url.searchParams.get('from') === 'now-7d');
    clean();
  });

  test('Back shows the time of before', async () => {
    const { page, open, clean } = await visit();
    await open('/exclusions');
    const picker = page.getByRole('button', { name: /Time range selected/ });
    const before = await picker.innerText();
    await picker.click();
    await page.getByText('Last 7 days', { exact: true }).first().click();
    await see(picker.filter({ hasText: 'Last 7 days' }));
    await page.goBack();
    await see(picker.filter({ hasText: before }));
    clean();
  });

  test('Escape that closes a list leaves the form alone, and Back out of it asks first', async () => {
    const { page, open, clean } = await visit();
    await open('/exclusions');
    await page.getByRole('button', { name: 'Propose exclusion' }).click();
    const form = page.getByRole('dialog', { name: 'Propose exclusion' }).first();
    const typed = form.getByRole('textbox', { name: 'Title' });
    await typed.fill('Half a thought');
    for (const list of ['Agreements', 'Category']) {
      await form.getByRole('combobox', { name: list }).click();
      await see(page.getByRole('option').first());
      await page.keyboard.press('Escape');
      await gone(page.getByRole('option').first());
      assert.equal(await page.getByText('Leave without saving?').count(), 0, list);
    }
    await page.goBack();
    await page.getByRole('button', { name: 'Stay' }).click();
    assert.equal(await typed.inputValue(), 'Half a thought');
    const entries = () => page.evaluate(() => history.length);
    const before = await entries();
    await page.goBack();
    await page.getByRole('button', { name: 'Leave', exact: true }).click();
    await gone(typed);
    assert.equal(await entries(), before);
    clean();
  });

  test('one is proposed with its effect before it is saved, approved by the other party, and withdrawn', async () => {
    const member = await visit({ as: 'admin' });
    const somebody = await documentsOf(member.context, shared.at);
    const text = await somebody.read('Team', 'checkout');
    const team = parse(text) as { spec: { members: string[] } };
    team.spec.members.push((await shared.at.userOf('admin')).user);
    await somebody.put(stringify(team));
    shared.tidy(async () => (await documentsOf((await visit({ as: 'admin' })).context, shared.at)).put(text));

    const { page, open, clean } = await visit({ expected: /^403 / });
    await open('/exclusions?propose=1&agreement=payments-for-checkout&team=payments');
    const form = page.getByRole('dialog');
    await see(form.getByText('reason: say why this time is not to count'));
    await form.getByRole('textbox', { name: 'Title' }).fill('Outage of the acquirer');
    await form.getByLabel('Reason').fill('Confirmed by its status page');
    await form.getByLabel('From').fill('2026-10-07T13:00');
    await form.getByLabel('To', { exact: false }).last().fill('2026-10-07T18:00');
    await see(form.getByText(/How it would be once .* approves/));
    await accessible(page);
    await form.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: 'Stay' }).click();
    await form.getByRole('button', { name: 'Save as a proposal' }).click();
    const details = page.getByRole('dialog');
    await see(details.getByText(/Needs the approval of one of/), details.getByRole('heading', { name: 'Effect' }));
    assert.equal(await details.getByRole('button', { name: /^Approve for/ }).count(), 0, 'the editor is no member');

    await member.open(new URL(page.url()).search.replace(/^/, '/exclusions'));
    const offered = member.page.getByRole('dialog');
    await offered.getByRole('button', { name: 'Approve for Checkout' }).click();
    await member.page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
    await see(offered.getByText(/^Approved by Checkout/));
    await accessible(member.page);

    await page.reload();
    await see(details.getByText(/^Approved by Checkout/));
    await withdraw(page);
    await see(details.getByRole('alert').getByText(/editor is not among the members of payments or checkout/));
    await withdraw(member.page);
    await gone(member.page.getByRole('link', { name: 'Outage of the acquirer' }));
    member.clean();
    clean();
  });
});
