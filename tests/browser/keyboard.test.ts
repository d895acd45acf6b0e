/** Everything can be done without a mouse: what is focused is seen, and the order is that of reading. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { fixture, see, settled, title } from './visiting';

/** What has the focus, as a screen reader says it: `- combobox "Provider"`; nothing past the last of them. */
async function focused(page: Page): Promise<string> {
  const at = page.locator(':focus');
  return (await at.count()) ? at.ariaSnapshot() : '';
}

/** Presses Tab until that has the focus. */
async function tabTo(page: Page, what: string) {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press('Tab');
    if ((await focused(page)).toLowerCase().includes(what.toLowerCase())) {
      return;
    }
  }
  assert.fail(`Tab never reached ${what} on ${page.url()}`);
}

/** Whether what has the focus shows it: by an outline, or by a ring drawn as a shadow around it or its field. */
const isSeen = (page: Page) =>
  page.evaluate(() => {
    for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
      if ((outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none') {
        return true;
      }
    }
    return false;
  });

describe('by keyboard alone', () => {
  const { visit } = fixture();

  test('from the home page to an agreement, and to how a figure is computed', async () => {
    const { page, open, clean } = await visit();
    await open('');
    const first = page.getByRole('table').getByRole('link').first();
    await see(first);
    await settled(page);
    const name = (await first.innerText()).trim();
    await tabTo(page, `link "${name}"`);
    assert.ok(await isSeen(page));
    await page.keyboard.press('Enter');
    await see(title(page, name), page.getByRole('table').getByText(/\d%/).first());
    await settled(page);
    await tabTo(page, 'button "toggle row expanded"');
    assert.ok(await isSeen(page));
    await page.keyboard.press('Enter');
    await see(page.getByText('1 − bad ÷ error budget'));
    clean();
  });

  test('agreements are searched, filtered and sorted', async () => {
    const { page, open, clean } = await visit();
    await open('');
    await see(page.getByRole('table'));
    await settled(page);
    await tabTo(page, 'textbox "Search agreements"');
    await page.keyboard.type('orders');
    await page.waitForURL((url) => url.searchParams.get('search') === 'orders');
    await tabTo(page, 'combobox "Provider"');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.has('provider'));
    clean();
  });

  test('the text of a document is left as it says', async () => {
    const { page, open, clean } = await visit();
    await open('/documents/Service/search-api');
    const text = page.getByRole('textbox', { name: /^Text of/ });
    await text.focus();
    await see(page.getByText(/Ctrl\+M/));
    await page.keyboard.press('Control+m');
    await page.keyboard.press('Tab');
    assert.doesNotMatch(await focused(page), /Text of/);
    await see(page.getByRole('status').filter({ hasText: /^No errors$/ }));
    clean();
  });

  test('a dialog takes the focus, is left with Escape, and gives the focus back', async () => {
    const { page, open, clean } = await visit();
    await open('/exclusions');
    const entry = page.getByRole('button', { name: 'Propose exclusion' });
    await see(entry);
    await settled(page);
    await entry.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog').first();
    await see(dialog);
    await page.keyboard.press('Tab');
    assert.ok(await dialog.evaluate((all) => all.contains(document.activeElement)));
    // In Grafana 12 the first closes the tooltip of the button that has the focus.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    clean();
  });
});
