import { type AppPluginMeta, type GrafanaPlugin } from '@grafana/data';
import 'systemjs/dist/system.js';
import 'systemjs/dist/extras/amd.js';

/** The plugin.json of a plugin. */
export async function manifestOf(id: string): Promise<AppPluginMeta> {
  return (await fetch(`/public/plugins/${id}/plugin.json`)).json();
}

/** The module of a plugin, as Grafana loads it. */
export async function load(id: string): Promise<GrafanaPlugin> {
  return (await System.import(`${window.location.origin}/public/plugins/${id}/module.js`)).plugin;
}
