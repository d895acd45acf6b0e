import { AxeBuilder } from '@axe-core/playwright';
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';
import { launch, logIn, type Role, target, type Target } from './target';

/** Where Grafana shows the app. */
export const app = '/a/accord-sla-app';

/** How long anything may take until it is seen: a cold backend reads 90 days first. */
const actionTimeout = 30_000;

export type Theme = 'dark' | 'light';

interface Visit {
  /** Who looks; an editor when absent. */
  as?: Role;
  theme?: Theme;
  width?: number;
  /** Answers that this test brings about, which therefore are no fault: such as `412` or `502 status`. */
  expected?: RegExp;
  options?: BrowserContextOptions;
}

/** A page that is looked at, and what went wrong on it. */
export interface Visited {
  page: Page;
  /** Goes to a page of the app, such as `/agreements`. */
  open: (path: string) => Promise<void>;
  /** Fails when something was said on the console, thrown, or answered with an error, that was not expected. */
  clean: () => void;
  context: BrowserContext;
}

/** What the tests of a file share: the host or Grafana, and a browser. */
export interface Fixture {
  readonly at: Target;
  visit: (visit?: Visit) => Promise<Visited>;
  /** Is called after the last test, while all is still there: a Grafana is left as it was. */
  tidy: (what: () => Promise<void>) => void;
}

/** Starts the host and the browser for the tests of a file; each visit has a profile of its own. */
export function fixture(prepare?: (at: Target) => Promise<void>): Fixture {
  const untidy: Array<() => Promise<void>> = [];
  let at: Target | undefined;
  let browser: Browser | undefined;
  before(async () => {
    at = await target();
    await prepare?.(at);
    browser = await launch();
  });
  after(async () => {
    try {
      for (const tidy of untidy) {
        await tidy();
      }
    } finally {
      await browser?.close();
      await at?.end();
    }
  });
  return {
    get at() {
      assert.ok(at);
      return at;
    },
    tidy: (what) => untidy.push(what),
    visit: async ({ as = 'editor', theme = 'dark', width = 1440, expected, options } = {}) => {
      assert.ok(at && browser);
      const context = await logIn(browser, at, as, { viewport: { width, height: 900 }, ...options });
      context.setDefaultTimeout(actionTimeout);
      const page = await context.newPage();
      const faults = watch(page, expected);
      return {
        page,
        context,
        open: async (path) => {
          await page.goto(`${app}${path}${path.includes('?') ? '&' : '?'}theme=${theme}`);
        },
        clean: () => assert.deepEqual(faults, []),
      };
    },
  };
}

/** In a Grafana only what concerns the plugin: its own pages have faults of their own. */
const ofThePlugin = (text: string) => !process.env.GRAFANA_URL || /accord|api\/ds\/query/.test(text);

function watch(page: Page, expected?: RegExp): string[] {
  const faults: string[] = [];
  const note = (fault: string) => {
    if (!expected?.test(fault) && ofThePlugin(fault)) {
      faults.push(fault);
    }
  };
  page.on('pageerror', (error) => note(`threw ${error.stack}`));
  page.on('console', (said) => {
    // A failed answer is said on the console too, but not which one.
    if (said.type() === 'error' && !said.text().startsWith('Failed to load resource')) {
      note(`console: ${said.text()} (${said.location().url})`);
    }
  });
  page.on('response', (answer) => {
    if (answer.status() >= 400) {
      note(`${answer.status()} ${answer.url()}`);
    }
  });
  page.on('requestfailed', (request) => {
    // Leaving a page gives up what it still waited for.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') {
      note(`${request.failure()?.errorText} ${request.url()}`);
    }
  });
  return faults;
}

/** Waits until it is seen. */
export async function see(...all: Locator[]) {
  for (const one of all) {
    await one.filter({ visible: true }).first().waitFor();
  }
}

/** Waits until it is not seen any more. */
export async function gone(...all: Locator[]) {
  for (const one of all) {
    await one.first().waitFor({ state: 'hidden' });
  }
}

/** The page's own title. */
export const title = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

/** The heading that sorts by a column; Grafana 13 gives it a name of its own. */
export const sorting = (page: Page, column: string) =>
  page.getByRole('columnheader').filter({ hasText: column }).getByRole('button').first();

/** Waits until nothing is awaited any more: neither an answer nor a lazy part. */
export async function settled(page: Page) {
  await page.waitForLoadState('networkidle');
  await gone(page.getByRole('main').getByRole('status', { name: 'Loading …' }));
}

/** Faults of Grafana 12's own parts: the arrow of a Combobox, a switch's label, what opens a row names one not there. */
const ofGrafana = process.env.GRAFANA_URL
  ? ['[id$="-toggle-button"]', 'label[aria-label]', '[aria-controls^="InteractiveTable"]']
  : [];
/** And the text of its grey badges in light. */
const greyBadge = 'foreground color: #767676, background color: #f2f2f2';

/** Waits until nothing changes its colour or place any more, as a button does when the mouse leaves it. */
const still = (page: Page) =>
  page.evaluate(async () => {
    await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)));
    const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map((one) => one.finished));
  });

/** Fails with what axe finds on the page; `except` is what is not the plugin's to mend. */
export async function accessible(page: Page, ...except: string[]) {
  await still(page);
  const builder = new AxeBuilder({ page }).include('main');
  if (process.env.GRAFANA_URL) {
    builder.disableRules('empty-table-header'); // of what opens a row
  }
  const { violations } = await [...ofGrafana, ...except].reduce((axe, fault) => axe.exclude(fault), builder).analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes
      .filter(({ failureSummary }) => !(process.env.GRAFANA_URL && failureSummary?.includes(greyBadge)))
      .map(
        ({ html, failureSummary }) =>
          `${id}: ${help}\n  ${html.slice(0, 300)}\n  ${failureSummary?.replaceAll('\n', '\n  ')}`,
      ),
  );
  assert.equal(found.length, 0, `axe on ${page.url()}:\n${[...new Set(found)].slice(0, 12).join('\n')}`);
}

/** Fails when the page is wider than the screen. */
export async function fits(page: Page) {
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= screen, `${page.url()} is ${wide} px wide on a screen of ${screen}`);
}

/** Fails when what was there moved while the rest came: above the 0.1 that web.dev calls good for cumulative layout shift. */
export async function steady(page: Page) {
  const moved = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const shift of list.getEntries() as Array<
            PerformanceEntry & { value: number; hadRecentInput: boolean }
          >) {
            sum += shift.hadRecentInput ? 0 : shift.value;
          }
        }).observe({ type: 'layout-shift', buffered: true });
        // What is buffered is told in a task of its own.
        setTimeout(() => resolve(sum), 100);
      }),
  );
  assert.ok(moved <= 0.1, `${page.url()} moved by ${moved.toFixed(3)}`);
}
