import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { command as hostCommand, hostPages, type HostPage, root } from './build';

/** Who looks; nobody is not signed in. */
export type Role = 'nobody' | 'viewer' | 'editor' | 'admin';

/** What can be taken from under the plugin, and given back. */
export interface Switch {
  stop: () => Promise<void>;
  start: () => Promise<void>;
}

/** Where the plugin is looked at: the host page of the tests, or a Grafana. */
export interface Target {
  url: string;
  /** The uid of the data source whose catalog the pages show. */
  datasource: () => Promise<string>;
  /** The user with that role, to log in as. */
  userOf: (role: Role) => Promise<Credentials>;
  /** Only where the tests started all that they look at. */
  host?: {
    /** The folder of documents, which the tests may change. */
    documents: string;
    prometheus: Switch;
    /** Not of a Grafana, which starts its plugins anew. */
    backend?: Switch;
  };
  end: () => Promise<void>;
}

const { GRAFANA_URL, GRAFANA_HOME, GRAFANA_USER = 'admin', GRAFANA_PASSWORD = 'admin' } = process.env;

/** Whether a Grafana is looked at: one that runs, or one that is started for the tests of a file. */
export const inGrafana = !!(GRAFANA_URL || GRAFANA_HOME);

/** The Grafana at GRAFANA_URL, the one installed in GRAFANA_HOME, else a host page. */
export function target(page: HostPage = hostPages.newest): Promise<Target> | Target {
  const admin = { user: GRAFANA_USER, password: GRAFANA_PASSWORD };
  return GRAFANA_URL ? grafana(GRAFANA_URL.replace(/\/$/, ''), admin) : host(page, admin);
}

async function host({ bundle, libraries }: HostPage, admin: Credentials): Promise<Target> {
  const icons = path.join(libraries, '@grafana/ui/dist/public/img/icons');
  const what = GRAFANA_HOME ? ['-grafana', path.resolve(GRAFANA_HOME)] : ['-page', bundle, '-icons', icons];
  const command = spawn(hostCommand, what, {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(command, 'exit');
  const lines = createInterface(command.stdout);
  const first = await Promise.race([once(lines, 'line'), ended.then(() => undefined)]);
  if (!first) {
    throw new Error('the host ended before it began');
  }
  const { url, documents, datasource, control } = JSON.parse(String(first[0])) as Record<string, string>;
  const tell = (what: string) => async () => {
    const response = await fetch(`${control}/test/${what}`, { method: 'POST' });
    if (!response.ok) {
      throw new Error(`${what}: ${await response.text()}`);
    }
  };
  const both = (what: string) => ({ stop: tell(`${what}/stop`), start: tell(`${what}/start`) });
  const end = async () => {
    command.stdin.end();
    await ended;
  };
  if (GRAFANA_HOME) {
    return { ...grafana(url, admin), host: { documents, prometheus: both('prometheus') }, end };
  }
  return {
    url,
    datasource: async () => datasource,
    userOf: async (role) => ({ user: role, password: '' }),
    host: { documents, prometheus: both('prometheus'), backend: both('backend') },
    end,
  };
}

interface Credentials {
  user: string;
  password: string;
}

/** The admin given makes a user for each of the other roles. */
function grafana(url: string, admin: Credentials): Target {
  const password = 'accord-browser-tests';
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Basic ${Buffer.from(`${admin.user}:${admin.password}`).toString('base64')}`,
      },
    });
    return { status: response.status, body: await response.json() };
  };
  const users = new Map<Role, Promise<Credentials>>();
  const make = async (role: Role) => {
    const user = `accord-tests-${role}`;
    const { status, body } = await ask('POST', '/api/admin/users', {
      name: `Accord tests, ${role}`,
      login: user,
      password,
    });
    if (body.id !== undefined) {
      const Role = role[0].toUpperCase() + role.slice(1);
      await ask('PATCH', `/api/org/users/${body.id}`, { role: Role });
    } else if (status !== 412) {
      throw new Error(`make the user ${user}: ${body.message}`);
    }
    return { user, password };
  };
  return {
    url,
    datasource: async () => {
      const all = (await ask('GET', '/api/datasources')).body as Array<{
        uid: string;
        type: string;
        isDefault: boolean;
      }>;
      const ours = all.filter(({ type }) => type === 'accord-sla-datasource');
      const chosen = ours.find(({ isDefault }) => isDefault) ?? ours[0];
      if (!chosen) {
        throw new Error(`${url} has no Accord data source`);
      }
      return chosen.uid;
    },
    userOf: async (role) => {
      if (role === 'admin') {
        return admin;
      }
      const made = users.get(role) ?? make(role);
      users.set(role, made);
      return made;
    },
    end: async () => {},
  };
}

/** The system's Chromium. */
export const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

export const hasChromium = () => existsSync(chromiumPath);

export const launch = () =>
  chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });

/** A browser's profile of its own, in which nobody is logged in. */
export const profile = (browser: Browser, { url }: Target, options?: BrowserContextOptions) =>
  browser.newContext({ baseURL: url, locale: 'en-US', timezoneId: 'UTC', ...options });

/** Logs in as that user, in place of whoever was. */
export async function logIn(context: BrowserContext, { userOf }: Target, role: Role) {
  await context.clearCookies();
  if (role === 'nobody') {
    return;
  }
  const response = await context.request.post('/login', { data: await userOf(role) });
  if (!response.ok()) {
    throw new Error(`log in as ${role}: ${response.status()} ${await response.text()}`);
  }
}
