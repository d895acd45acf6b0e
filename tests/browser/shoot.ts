/**
 * Pictures of pages: npm run shoot -- [--out FOLDER] [--as ROLE] [PAGE…]; see README.md.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Page } from 'playwright-core';
import { build, root } from './build';
import { launch, logIn, profile, type Role, target } from './target';

const app = '/a/accord-sla-app';
const all = ['', 'teams', 'exclusions', 'statements', 'documents', 'documents/findings'];
const widths = { 1440: 900, 400: 800 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: path.join(root, 'bin/shots') },
    as: { type: 'string', default: 'editor' },
  },
});

/** The address of `agreements/x`, or of a whole path. */
const addressOf = (page: string) => (page.startsWith('/') ? page : `${app}${page && `/${page}`}`);

const nameOf = (page: string) =>
  page
    .replace(`${app}/`, '')
    .replace(app, '')
    .replace(/[^\w.=-]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 100) || 'home';

const withTheme = (address: string, theme: string) => `${address}${address.includes('?') ? '&' : '?'}theme=${theme}`;

/** All of a page, with what it loads only when it is scrolled to. */
async function settle(page: Page, width: number) {
  await page.waitForLoadState('networkidle');
  const height = await page.evaluate(() => Math.min(document.documentElement.scrollHeight, 12_000));
  await page.setViewportSize({ width, height });
  // What is asked for only after a pause, such as the preview of a text.
  await page.waitForTimeout(2000);
  await page.waitForLoadState('networkidle');
}

async function shoot() {
  if (!process.env.GRAFANA_URL) {
    build();
  }
  mkdirSync(values.out, { recursive: true });
  const at = await target();
  const browser = await launch();
  try {
    for (const page of positionals.length ? positionals : all) {
      for (const [width, height] of Object.entries(widths)) {
        for (const theme of ['dark', 'light']) {
          const context = await profile(browser, at, { viewport: { width: Number(width), height } });
          await logIn(context, at, values.as as Role);
          const tab = await context.newPage();
          tab.on('pageerror', (error) => console.log(`  threw: ${error.stack}`));
          tab.on('console', (said) => said.type() === 'error' && console.log(`  console: ${said.text()}`));
          tab.on('response', (answer) => answer.ok() || console.log(`  ${answer.status()} ${answer.url()}`));
          await tab.goto(withTheme(addressOf(page), theme));
          await settle(tab, Number(width));
          const file = path.join(values.out, `${nameOf(page)}-${theme}-${width}.png`);
          await tab.screenshot({ path: file, fullPage: true });
          console.log(file);
          const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
          if (wide > Number(width)) {
            console.log(`  ${wide} px wide: more than the screen`);
          }
          await context.close();
        }
      }
    }
  } finally {
    await browser.close();
    await at.end();
  }
}

await shoot();
