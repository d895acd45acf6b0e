import './publicPath';
import { AppPlugin } from '@grafana/data';
import { lazy } from 'react';
import { createFromQuery } from './extensions';

const App = lazy(async () => {
  const [app, { initPluginTranslations }] = await Promise.all([import('./App'), import('@grafana/i18n')]);
  // The bundled Scenes take their texts from it, also in English.
  await initPluginTranslations('accord-sla-app');
  return app;
});

export const plugin = new AppPlugin().setRootPage(() => <App />).addLink(createFromQuery);
