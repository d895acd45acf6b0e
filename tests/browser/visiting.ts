import axe from 'axe-core';
import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { type Browser, type BrowserContext, type Locator, type Page, type Request } from 'playwright-core';
import { type HostPage } from './build';
import { inGrafana, launch, logIn, profile, type Role, target, type Target } from './target';

declare global {
  interface Window {
    axe: typeof axe;
    /** Of the host page alone. */
    setTheme: (theme: Theme) => void;
  }
}

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
  /** Whether the page is not for the next test, as when its clock is set. */
  once?: boolean;
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

/** A page in a profile of its own, and who is logged in. */
interface Seat {
  role: Role;
  page: Page;
  once: boolean;
}

/**
 * Starts the host and the browser for the tests of a file. A page is kept for
 * the next test, since a new one compiles Grafana's libraries anew; what a test
 * left in it is cleared.
 */
export function fixture(prepare?: (at: Target) => Promise<void>, hostPage?: HostPage): Fixture {
  const untidy: Array<() => Promise<void>> = [];
  const free: Seat[] = [];
  const taken: Seat[] = [];
  let at: Target | undefined;
  let browser: Browser | undefined;
  before(async () => {
    at = await target(hostPage);
    await prepare?.(at);
    browser = await launch();
  });
  afterEach(async () => {
    for (const seat of taken.splice(0)) {
      if (seat.once) {
        await seat.page.context().close();
      } else {
        await clear(seat.page);
        free.push(seat);
      }
    }
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
  const seatOf = async (role: Role, once: boolean): Promise<Seat> => {
    assert.ok(at && browser);
    const known = once ? undefined : (free.find((one) => one.role === role) ?? free[0]);
    if (known) {
      free.splice(free.indexOf(known), 1);
      if (known.role !== role) {
        await logIn(known.page.context(), at, role);
      }
      return { ...known, role };
    }
    const context = await profile(browser, at);
    context.setDefaultTimeout(actionTimeout);
    await logIn(context, at, role);
    const page = await context.newPage();
    traffics.set(page, watch(page));
    return { role, page, once };
  };
  return {
    get at() {
      assert.ok(at);
      return at;
    },
    tidy: (what) => untidy.push(what),
    visit: async ({ as = 'editor', theme = 'dark', width = 1440, expected, once = false } = {}) => {
      const seat = await seatOf(as, once);
      taken.push(seat);
      const { page } = seat;
      const traffic = trafficOf(page);
      traffic.faults = [];
      traffic.expected = expected;
      page.setDefaultTimeout(actionTimeout);
      await page.setViewportSize({ width, height: 900 });
      return {
        page,
        context: page.context(),
        open: async (path) => {
          await page.goto(`${app}${path}${path.includes('?') ? '&' : '?'}theme=${theme}`);
        },
        clean: () => assert.deepEqual(traffic.faults, []),
      };
    },
  };
}

/** Makes a page as if nobody had used it. */
async function clear(page: Page) {
  if (page.url().startsWith('http')) {
    await page.evaluate(() => [localStorage, sessionStorage].forEach((store) => store.clear()));
  }
  await page.unrouteAll();
  await page.mouse.move(0, 0);
  await page.goto('about:blank');
  trafficOf(page).awaited.clear();
}

/** What a page asks for, and what goes wrong on it. */
interface Traffic {
  faults: string[];
  expected?: RegExp;
  /** How many requests there were, and those that have no answer yet. */
  begun: number;
  awaited: Set<Request>;
}

const traffics = new WeakMap<Page, Traffic>();

function trafficOf(page: Page): Traffic {
  const traffic = traffics.get(page);
  assert.ok(traffic, 'a page of the fixture');
  return traffic;
}

/** In a Grafana only what concerns the plugin: its own pages have faults of their own. */
const ofThePlugin = (text: string) => !inGrafana || /accord|api\/ds\/query/.test(text);

function watch(page: Page): Traffic {
  const traffic: Traffic = { faults: [], begun: 0, awaited: new Set() };
  const note = (fault: string) => {
    if (!traffic.expected?.test(fault) && ofThePlugin(fault)) {
      traffic.faults.push(fault);
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
  page.on('request', (request) => {
    traffic.begun++;
    traffic.awaited.add(request);
  });
  page.on('requestfinished', (request) => traffic.awaited.delete(request));
  page.on('requestfailed', (request) => {
    traffic.awaited.delete(request);
    // Leaving a page gives up what it still waited for.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') {
      note(`${request.failure()?.errorText} ${request.url()}`);
    }
  });
  return traffic;
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

/** Waits until the page has begun, nothing is awaited any more, neither an answer nor a lazy part, and all of it is drawn. */
export async function settled(page: Page) {
  // Until then it may have nothing to do because it has not been run.
  await see(page.getByRole('heading', { level: 1 }).or(page.getByRole('alert')).or(page.getByRole('dialog')));
  const traffic = trafficOf(page);
  const until = Date.now() + actionTimeout;
  for (let begun = -1; begun !== traffic.begun || traffic.awaited.size > 0;) {
    begun = traffic.begun;
    assert.ok(Date.now() < until, `still awaited: ${[...traffic.awaited].map((one) => one.url()).join(', ')}`);
    await idle(page);
  }
  await gone(page.getByRole('main').getByRole('status', { name: 'Loading …' }));
}

/** Waits until the page has drawn, and has nothing to do. */
const idle = (page: Page) =>
  page.evaluate(
    () =>
      new Promise((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(resolve, { timeout: 1000 }))),
      ),
  );

/** Shows the page in another theme. */
export async function inTheme(page: Page, theme: Theme) {
  if (!inGrafana) {
    return page.evaluate((mode) => window.setTheme(mode), theme);
  }
  const url = new URL(page.url());
  url.searchParams.set('theme', theme);
  await page.goto(url.href);
  await settled(page);
}

/** Whether the page has the libraries of Grafana 12, with React 18. */
export const onReact18 = (page: Page) =>
  page.evaluate(async () => String((await System.import('react')).version).startsWith('18.'));

/** Faults of Grafana 12's own parts: the arrow of a Combobox, a switch's label, what opens a row names one not there. */
const ofGrafana = ['[id$="-toggle-button"]', 'label[aria-label]', '[aria-controls^="InteractiveTable"]'];
/** And the text of its grey badges in light, and what is around a drawer, whose name the dialog in it has. */
const ofGrafanaToo =
  /foreground color: #767676, background color: #f2f2f2|^aria-dialog-name: <div class="rc-drawer-content /;

/** Waits until nothing changes its colour or place any more, as a button does when the mouse leaves it. */
const still = (page: Page) =>
  page.evaluate(async () => {
    await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)));
    const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map((one) => one.finished));
  });

/** Fails with what axe finds on the page and in a dialog over it; `except` is what is not the plugin's to mend. */
export const accessible = (page: Page, ...except: string[]) => check(page, except);

/** Fails where a text is hard to tell from what is behind it: all that differs between the themes. */
export const readable = (page: Page) => check(page, [], ['color-contrast', 'link-in-text-block']);

async function check(page: Page, except: string[], rules?: string[]) {
  await still(page);
  if (!(await page.evaluate(() => 'axe' in window))) {
    await page.evaluate(axe.source);
  }
  const old = await onReact18(page);
  const context = { include: ['main', '[role="dialog"]'], exclude: [...(old ? ofGrafana : []), ...except] };
  const options: axe.RunOptions = {
    runOnly: rules,
    // What opens a row in Grafana 12.
    rules: old ? { 'empty-table-header': { enabled: false } } : {},
    // All else is made for reports, and takes the most of the time.
    resultTypes: ['violations'],
    selectors: false,
    preload: false,
  };
  const violations = await page.evaluate(
    async ([context, options]) => (await window.axe.run(context, options)).violations,
    [context, options] as const,
  );
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes
      .filter(({ html, failureSummary }) => !old || !ofGrafanaToo.test(`${id}: ${html} ${failureSummary}`))
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
