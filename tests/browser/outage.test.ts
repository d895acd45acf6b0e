/** What goes is said, what is known stays, and what comes back is shown again without a new page. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { documentsOf } from './documents';
import { accessible, fixture, see, settled } from './visiting';

const agreement = '/agreements/database-for-payments';

const refusal = (page: Page) => page.getByText(/connection refused/).first();

/** Looks again, twice a second, until the refusal is said, or not any more: what was just found is known for some seconds. */
async function lookUntil(page: Page, refused: boolean, look: () => Promise<void>) {
  const until = Date.now() + 60_000;
  for (;;) {
    await look();
    await settled(page);
    if ((await refusal(page).isVisible()) === refused) {
      return;
    }
    assert.ok(Date.now() < until, `whether a refusal is said: ${!refused}`);
    await page.waitForTimeout(500);
  }
}

describe('outages', () => {
  const shared = fixture();

  test('Prometheus goes and comes back', async (t) => {
    const { host } = shared.at;
    if (!host) {
      return t.skip('needs a Prometheus that the test may stop');
    }
    const { page, open } = await shared.visit();
    await open(agreement);
    await see(page.getByRole('table').getByText(/\d%/).first());
    await settled(page);
    await host.prometheus.stop();
    try {
      // The promise is a text, and stays; figures that could not be measured are not there.
      await lookUntil(page, true, () => open(agreement));
      await accessible(page);
      await open(`${agreement}/contract`);
      await see(page.getByRole('heading', { name: 'The promise' }));
      for (const path of ['', '/teams', '/exclusions', '/statements', '/documents', '/documents/findings']) {
        await open(path);
        await see(page.getByRole('heading', { level: 1 }));
        await settled(page);
        await accessible(page);
      }
      await lookUntil(page, true, () => open(''));
      // What is shown are the last figures known, and each says as of when.
      const rows = page
        .getByRole('table')
        .getByRole('row')
        .filter({ hasText: /\d% \/ \d/ });
      assert.equal(await rows.filter({ hasText: /as of /i }).count(), await rows.count());
    } finally {
      await host.prometheus.start();
    }
    await lookUntil(page, false, () => page.getByRole('button', { name: 'Refresh' }).click());
    await see(page.getByRole('table').getByText(/\d% \/ \d/));
  });

  test('the backend goes and comes back', async (t) => {
    const { host } = shared.at;
    if (!host?.backend) {
      return t.skip('needs the host of the tests, which can stop the backend');
    }
    const { page, open } = await shared.visit();
    await host.backend.stop();
    try {
      await open(agreement);
      await see(page.getByRole('alert'));
      await accessible(page);
    } finally {
      await host.backend.start();
    }
    await page.getByRole('button', { name: 'Try again' }).click();
    await see(page.getByRole('tab', { name: 'Status' }));
  });

  test('an agreement vanishes while it is open', async () => {
    const { page, open, context } = await shared.visit({ as: 'admin', once: true });
    const somebody = await documentsOf(context, shared.at);
    const name = 'tests-vanishing';
    const text = (await somebody.read('Agreement', 'recommendations-for-storefront')).replace(
      /name: recommendations-for-storefront/,
      `name: ${name}`,
    );
    await somebody.put(text);
    await page.clock.install();
    await open(`/agreements/${name}`);
    await see(page.getByRole('tab', { name: 'Status' }));
    await somebody.remove('Agreement', name);
    // Pages look again each minute.
    await page.clock.fastForward(70_000);
    await see(page.getByText(`There is no agreement «${name}»`));
    await page.clock.resume();
    await page.getByRole('link', { name: 'All agreements' }).click();
    await see(page.getByRole('heading', { level: 1, name: 'Agreements' }));
  });
});
