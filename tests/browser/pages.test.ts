/** Every page shows what it is for: in both themes, on a small screen, without a fault, for everybody. */
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { accessible, fits, fixture, see, settled, title } from './visiting';

const agreement = 'database-for-payments';

interface Shown {
  path: string;
  title: string;
  /** What it must show. */
  content: (page: Page) => Promise<void>;
}

const pages: Shown[] = [
  {
    path: `/agreements/${agreement}`,
    title: 'Orders database for Payments',
    content: async (page) => {
      await see(
        page.getByRole('heading', { name: 'The promise' }),
        page.getByRole('heading', { name: 'How it stands' }),
        page.getByRole('heading', { name: 'Primary up, in the month' }),
        page.getByText(/\d.* of \d/),
        page.getByRole('table', { name: 'What does not count' }),
        page.getByText('Monthly upgrade of the orders database'),
        page.getByText('Sofia Lindqvist'),
      );
    },
  },
];

describe('pages', () => {
  const { visit } = fixture();
  for (const shown of pages) {
    for (const theme of ['dark', 'light'] as const) {
      test(`${shown.path || '/'} in ${theme}`, async () => {
        const { page, open, clean } = await visit({ theme });
        await open(shown.path);
        await see(title(page, shown.title));
        await shown.content(page);
        await settled(page);
        await accessible(page);
        clean();
      });
    }

    test(`${shown.path || '/'} on a screen of 360 px, for a viewer`, async () => {
      const { page, open, clean } = await visit({ as: 'viewer', width: 360 });
      await open(shown.path);
      await see(title(page, shown.title));
      await shown.content(page);
      await settled(page);
      await fits(page);
      await accessible(page);
      clean();
    });
  }
});
