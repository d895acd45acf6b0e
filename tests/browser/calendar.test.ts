/** Exclusions and support hours are seen by week and month; an exclusion is proposed, and approved by a member alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { accessible, fits, fixture, gone, see, settled, title } from './visiting';

const region = (page: Page) => page.getByRole('region', { name: /^Calendar\./ });

/** Chooses from a list that opens below its field. */
async function choose(page: Page, label: string, name: string) {
  await page.getByLabel(label, { exact: true }).click();
  await page.getByRole('option', { name }).first().click();
}

describe('the calendar', () => {
  const { visit } = fixture();

  for (const theme of ['dark', 'light'] as const) {
    test(`shows a month and a week in ${theme}, by mouse and by keyboard`, async () => {
      const { page, open, clean } = await visit({ theme });
      await open('/calendar?date=2026-11-10');
      await see(title(page, 'Calendar'), page.getByRole('heading', { name: 'November 2026' }));
      await see(page.getByRole('button', { name: /Monthly upgrade of the orders database.*Approved by payments/ }));
      await see(page.getByRole('button', { name: /Runner images are rebuilt.*Proposed: awaits the approval/ }));
      await accessible(page);
      await region(page).focus();
      await page.keyboard.press('ArrowRight');
      await see(page.getByRole('heading', { name: 'December 2026' }), page.getByText(/Weihnacht|Christmas/).first());
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('w');
      await see(page.getByRole('heading', { name: /Nov 2026/ }).first());
      assert.match(page.url(), /view=week/);
      await accessible(page);
      await page.goBack();
      await see(page.getByRole('heading', { name: 'November 2026' }));
      clean();
    });
  }

  test('is filtered by team, service and agreement, in the address', async () => {
    const { page, open, clean } = await visit();
    await open('/calendar?date=2026-11-10&agreement=database-for-payments');
    await see(page.getByRole('button', { name: /Monthly upgrade of the orders database/ }));
    await gone(page.getByRole('button', { name: /Runner images are rebuilt/ }));
    clean();
  });

  test('tells all about an exclusion, and what it means', async () => {
    const { page, open, clean } = await visit();
    await open('/calendar?date=2026-11-10&open=ci-image-rebuild');
    const details = page.getByRole('dialog');
    await see(
      details.getByText(/Proposed: awaits the approval of/),
      details.getByText('no effect yet').first(),
      details.getByRole('heading', { name: 'Its effect' }),
      details.getByText(/can approve/).first(),
      details.getByRole('table').first(),
    );
    // Whoever is no member has no button.
    assert.equal(await details.getByRole('button', { name: /^Approve for/ }).count(), 0);
    clean();
  });

  test('an exclusion is proposed with its effect before it is saved', async () => {
    const { page, open, clean } = await visit();
    await open('/calendar?propose=1&agreement=payments-for-checkout&date=2026-10-07');
    await page.getByLabel('Title').fill('Outage of the acquirer');
    await page.getByLabel('Reason').fill('Confirmed by its status page');
    await page.getByLabel('From').fill('2026-10-07T13:00');
    await page.getByLabel('To', { exact: true }).fill('2026-10-07T18:00');
    await choose(page, 'Asked for by the team', 'Payments');
    await see(page.getByText(/It takes the approval of a team on the other side: checkout/));
    await see(page.getByText(/would have been good instead of/).first());
    await accessible(page);
    await page.getByRole('button', { name: 'Save as a proposal' }).click();
    await see(page.getByRole('dialog').getByText(/Proposed: awaits the approval of checkout/));
    await page.keyboard.press('Escape');
    await see(page.getByRole('button', { name: /Outage of the acquirer/ }).first());
    await open('/workbench/Exclusion/outage-of-the-acquirer');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await see(title(page, 'Workbench'));
    clean();
  });

  test('fits on 360 px, for a viewer', async () => {
    const { page, open, clean } = await visit({ as: 'viewer', width: 360 });
    for (const path of ['/calendar', '/calendar?view=week', '/calendar?propose=1']) {
      await open(path);
      await see(title(page, 'Calendar'));
      await settled(page);
      await fits(page);
      await accessible(page);
    }
    await see(page.getByText('Previews are for Editors', { exact: false }));
    clean();
  });
});
