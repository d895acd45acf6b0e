/** Exclusions and teams: rows of the backend, a timeline, a proposal with its effect, approval by a member alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accessible, fits, fixture, gone, see, settled, title } from './visiting';

describe('exclusions and teams', () => {
  const { visit } = fixture();

  for (const theme of ['dark', 'light'] as const) {
    test(`show what is planned and past in ${theme}, and who promises what to whom`, async () => {
      const { page, open, clean } = await visit({ theme });
      await open('/exclusions');
      await see(title(page, 'Exclusions'), page.getByRole('link', { name: 'Monthly upgrade of the orders database' }));
      await see(page.getByText('Approved by Payments').first(), page.getByText(/Needs the approval of one of/).first());
      await accessible(page);
      await page.getByRole('radio', { name: /^Proposed/ }).focus();
      await page.keyboard.press('Space');
      await gone(page.getByRole('link', { name: 'Monthly upgrade of the orders database' }));
      assert.match(page.url(), /approval=proposed/);
      await open('/teams?sort=provides');
      await see(title(page, 'Teams'), page.getByRole('link', { name: 'Payments', exact: true }).first());
      await accessible(page);
      await page.getByRole('tab', { name: 'Matrix' }).click();
      await see(page.getByRole('table', { name: 'Who promises what to whom' }));
      await accessible(page);
      clean();
    });
  }

  test('an exclusion says all about it, and whoever is no member has no approval to give', async () => {
    const { page, open, clean } = await visit();
    await open('/exclusions?open=ci-image-rebuild');
    const details = page.getByRole('dialog');
    await see(
      details.getByText(/Needs the approval of one of/),
      details.getByText(/no effect yet/).first(),
      details.getByRole('heading', { name: 'Who can approve' }),
      details.getByRole('heading', { name: 'Effect' }),
    );
    assert.equal(await details.getByRole('button', { name: /^Approve for/ }).count(), 0);
    await accessible(page);
    clean();
  });

  test('an exclusion is proposed with its effect before it is saved, and withdrawn', async () => {
    const { page, open, clean } = await visit();
    await open('/exclusions?propose=1&agreement=payments-for-checkout&team=payments');
    const form = page.getByRole('dialog');
    await see(form.getByText('reason: say why this time is not to count'));
    await form.getByRole('textbox', { name: 'Title' }).fill('Outage of the acquirer');
    await form.getByLabel('Reason').fill('Confirmed by its status page');
    await form.getByLabel('From').fill('2026-10-07T13:00');
    await form.getByLabel('To', { exact: false }).last().fill('2026-10-07T18:00');
    await see(form.getByText(/How it would be once .* approves/));
    await accessible(page);
    await form.getByRole('button', { name: 'Save as a proposal' }).click();
    await see(page.getByRole('dialog').getByText(/Needs the approval of one of/));
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).last().click();
    await gone(page.getByRole('link', { name: 'Outage of the acquirer' }));
    clean();
  });

  test('fit on 400 px, for a viewer', async () => {
    const { page, open, clean } = await visit({ as: 'viewer', width: 400 });
    for (const path of [
      '/exclusions',
      '/exclusions?open=ci-image-rebuild',
      '/teams',
      '/teams?tab=matrix',
      '/teams/payments',
    ]) {
      await open(path);
      await settled(page);
      await fits(page);
      await accessible(page);
    }
    clean();
  });
});
