/** Every page shows what it is for: in both themes, on a small screen, without a fault, for everybody. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Page } from 'playwright-core';
import { hostPages } from './build';
import { inGrafana } from './target';
import {
  accessible,
  fits,
  fixture,
  inTheme,
  onReact18,
  readable,
  see,
  settled,
  steady,
  title,
  type Visited,
} from './visiting';

interface Shown {
  path: string;
  /** Absent under a dialog, which hides it. */
  title?: string;
  /** What it must show. */
  content: (page: Page) => Promise<void>;
}

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name });

const pages: Shown[] = [
  {
    path: '',
    title: 'Agreements',
    content: async (page) => {
      await see(
        page.getByRole('button', { name: /^\d+ Breached$/ }),
        page.getByRole('table').getByRole('link', { name: 'Orders database for Payments' }),
        page.getByRole('table').getByText(/\d% \/ \d/),
        page.getByRole('table').getByText(/^(Page|Ticket) \d/),
        page.getByRole('img', { name: /^Error budget left over 30 days: from/ }),
        page.getByRole('link', { name: 'New agreement' }),
        page.getByRole('link', { name: 'See the findings' }),
      );
    },
  },
  {
    path: '/agreements/database-for-payments',
    title: 'Orders database for Payments',
    content: async (page) => {
      await see(
        page.getByRole('table').getByText('Primary up, in the month'),
        page.getByRole('table').getByText(/\d%/),
        page.getByRole('button', { name: /Time range selected/ }),
      );
    },
  },
  {
    path: '/agreements/database-for-payments/history',
    title: 'Orders database for Payments',
    content: async (page) => {
      await see(heading(page, 'Incidents'), heading(page, 'Periods'), heading(page, 'Statements'));
    },
  },
  {
    path: '/agreements/database-for-payments/contract',
    title: 'Orders database for Payments',
    content: async (page) => {
      await see(
        heading(page, 'The promise'),
        page.getByRole('region', { name: 'Exclusions' }).getByText('Monthly upgrade of the orders database'),
        page.getByRole('region', { name: 'Needed by' }).getByRole('link').first(),
        page.getByText(/Sofia Lindqvist/),
      );
    },
  },
  {
    path: '/teams',
    title: 'Teams',
    content: async (page) => {
      await see(page.getByRole('table').getByRole('link', { name: 'Payments' }), page.getByText(/\d met/).first());
    },
  },
  {
    path: '/teams?tab=matrix',
    title: 'Teams',
    content: async (page) => {
      await see(page.getByRole('table', { name: 'Who promises what to whom' }).getByRole('link').first());
    },
  },
  {
    path: '/teams/payments',
    title: 'Payments',
    content: async (page) => {
      await see(
        heading(page, 'To do'),
        page.getByRole('table').getByRole('link', { name: 'Payments API for Checkout' }),
        page.getByRole('table').getByRole('link', { name: /Orders database/ }),
        heading(page, 'People'),
      );
    },
  },
  {
    path: '/exclusions',
    title: 'Exclusions',
    content: async (page) => {
      await see(
        page.getByRole('table').getByRole('link', { name: 'Monthly upgrade of the orders database' }),
        page.getByRole('button', { name: /Time range selected/ }),
        page.getByRole('button', { name: 'Propose exclusion' }),
        // The host has no panels.
        ...(inGrafana ? [page.getByText('Does not count', { exact: true })] : []),
      );
    },
  },
  {
    path: '/exclusions?open=ci-image-rebuild',
    content: async (page) => {
      const details = page.getByRole('dialog', { name: 'Runner images are rebuilt' });
      await see(
        details.getByText(/Needs the approval of one of/),
        details.getByText(/no effect yet/),
        details.getByRole('heading', { name: 'Who can approve' }),
      );
    },
  },
  {
    path: '/statements',
    title: 'Statements',
    content: async (page) => {
      await see(
        page.getByRole('table').getByRole('link', { name: 'Orders database for Payments' }),
        page.getByRole('table').getByText(/\d%/).first(),
        page.getByRole('button', { name: /^Met \(\d+\)$/ }),
      );
    },
  },
  {
    path: '/documents',
    title: 'Documents',
    content: async (page) => {
      await see(page.getByRole('table').getByText('database-for-payments'));
    },
  },
  {
    path: '/documents/Agreement/database-for-payments',
    title: 'Orders database for Payments',
    content: async (page) => {
      await see(page.getByRole('heading', { name: 'Effect' }));
    },
  },
  {
    path: '/documents/findings',
    title: 'Documents',
    content: async (page) => {
      await see(page.getByRole('table').getByText('it can never fire').first(), heading(page, 'Connection and cache'));
    },
  },
];

/** Opens a page, and waits until it shows what it is for. */
async function look({ path, title: named, content }: Shown, { page, open }: Visited) {
  await open(path);
  await see(...(named ? [title(page, named)] : []));
  await content(page);
  await settled(page);
}

describe('pages on small screens, for a viewer, on React 18 as in Grafana 12.3', () => {
  const { visit } = fixture(undefined, hostPages.grafana12);
  for (const shown of pages) {
    test(shown.path || '/', async () => {
      const visited = await visit({ as: 'viewer', width: 360, theme: 'light' });
      const { page, clean } = visited;
      await look(shown, visited);
      await steady(page);
      await fits(page);
      await accessible(page);
      await page.setViewportSize({ width: 400, height: 900 });
      await fits(page);
      assert.ok(inGrafana || (await onReact18(page)));
      clean();
    });
  }
});

describe('pages', () => {
  const { visit } = fixture();
  for (const shown of pages) {
    test(`${shown.path || '/'} in dark and light`, async () => {
      const visited = await visit();
      const { page, clean } = visited;
      await look(shown, visited);
      await steady(page);
      await accessible(page);
      await inTheme(page, 'light');
      await readable(page);
      clean();
    });
  }

  test('on a usual screen no column of the objectives is cut off', async () => {
    const { page, open } = await visit();
    // The second has an alert that fires.
    for (const agreement of ['checkout-for-storefront', 'ci-for-engineering']) {
      await open(`/agreements/${agreement}`);
      const table = page.getByRole('table');
      await see(title(page, /./), table.getByText(/\d%/));
      const [wide, room] = await table.evaluate((one) => [one.clientWidth, one.parentElement!.clientWidth]);
      assert.ok(wide <= room, `the table of ${agreement} is ${wide} px wide, and has ${room}`);
    }
  });

  test('in the matrix no word is broken', async () => {
    const { page, open } = await visit();
    await open('/teams?tab=matrix');
    const team = page.getByRole('columnheader', { name: 'Databases' }).getByRole('link');
    await see(team);
    assert.equal(await team.evaluate((link) => link.getClientRects().length), 1);
  });

  test('the charts mark what lies outside of support hours, as the data source says it', async () => {
    const { page, open, clean } = await visit();
    const answer = page.waitForResponse((one) => (one.request().postData() ?? '').includes('"outsideHours"'));
    await open('/agreements/warehouse-for-finance');
    const { results } = (await (await answer).json()) as {
      results: Record<string, { frames: Array<{ data: { values: unknown[][] } }> }>;
    };
    const [times] = Object.values(results)[0].frames[0].data.values;
    assert.ok(times.length > 4, 'the nights of seven days');
    await see(page.getByText('Outside of support hours'));
    clean();
  });

  test('whoever may not query the data source is told whom to ask', async () => {
    const { page, open, clean } = await visit({ expected: /^403 / });
    await page.route('**/resources/**', (route) => route.fulfill({ status: 403, json: { message: 'Access denied' } }));
    await open('');
    for (const next of ['Teams', 'Exclusions', 'Statements', 'Documents']) {
      await see(page.getByText('You may not see this'), page.getByText('Access denied'));
      await see(page.getByText(/^Ask an administrator of Grafana/));
      // Grafana's menu is closed below an app's first page.
      await (inGrafana
        ? open(`/${next.toLowerCase()}`)
        : page.getByRole('link', { name: next, exact: true }).first().click());
      await page.waitForURL(new RegExp(`/${next.toLowerCase()}`));
    }
    await accessible(page);
    clean();
  });

  test(
    'whoever is not signed in reads, and is told to sign in to change',
    { skip: !!process.env.GRAFANA_URL && 'needs a Grafana that lets in whoever comes' },
    async () => {
      const { page, open, clean } = await visit({ as: 'nobody' });
      await open('');
      await see(page.getByRole('table').getByText(/\d% \/ \d/));
      await open('/documents/Agreement/database-for-payments');
      await see(page.getByText(/Sign in to change documents/));
      assert.ok(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled());
      await settled(page);
      await accessible(page);
      clean();
    },
  );

  test('an address that leads nowhere says so, and leads back', async () => {
    const { page, open } = await visit();
    await open('/nowhere');
    await see(page.getByText('There is no such page'));
    await page.getByRole('main').getByRole('link', { name: 'Agreements' }).click();
    await see(title(page, 'Agreements'));
  });
});
