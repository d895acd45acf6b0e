// Not among the exports of the package: only Grafana itself may call it.
declare module '@grafana/runtime-internal/components/PluginPage.mjs' {
  import { type PluginPageType } from '@grafana/runtime';

  export function setPluginPage(component: PluginPageType): void;
}
