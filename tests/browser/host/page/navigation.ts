import { type AppPluginMeta, type NavModelItem, PluginIncludeType } from '@grafana/data';
import { config } from '@grafana/runtime';

export interface Section {
  app: NavModelItem;
  pages: NavModelItem[];
}

const ranks = ['Viewer', 'Editor', 'Admin'];

/** The pages that the app's plugin.json has for the navigation, those that this user may see; its home is the app itself. */
export function sectionOf({ id, name, includes = [], info }: AppPluginMeta): Section {
  const rank = ranks.indexOf(config.bootData.user.orgRole);
  const seen = includes.filter(
    (one) => one.type === PluginIncludeType.page && one.addToNav && ranks.indexOf(one.role ?? 'Viewer') <= rank,
  );
  const app: NavModelItem = {
    id: `plugin-page-${id}`,
    text: name,
    img: `public/plugins/${id}/${info.logos.small}`,
    url: seen.find((one) => one.defaultNav)?.path ?? `/a/${id}`,
  };
  const pages = seen.filter(({ path }) => path !== app.url);
  return { app, pages: pages.map((one) => ({ id: one.path, text: one.name, url: one.path, parentItem: app })) };
}

/** The page of the navigation at that address, or the one above it. */
export function pageAt({ app, pages }: Section, path: string): NavModelItem {
  const above = pages.filter(({ url = '' }) => path === url || path.startsWith(`${url}/`));
  return above.sort((a, b) => (b.url ?? '').length - (a.url ?? '').length)[0] ?? app;
}

/** From the app down to what is shown, each place once. */
export function trail(section: Section, path: string, pageNav?: NavModelItem): NavModelItem[] {
  const ways: NavModelItem[] = [];
  for (let at = pageNav; at; at = at.parentItem) {
    ways.unshift(at);
  }
  const all = [section.app, pageAt(section, path), ...ways];
  return all.filter(({ url }, at) => at === all.length - 1 || url !== all[at + 1].url);
}
