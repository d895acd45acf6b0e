import { initPluginTranslations } from '@grafana/i18n';

/** Makes `t` ready; must have come to its end before the first text is asked for. */
export async function translated(): Promise<void> {
  await initPluginTranslations('accord-sla-app');
}
