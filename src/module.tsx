import './publicPath';
import { AppPlugin } from '@grafana/data';
import { lazy } from 'react';
import { createFromQuery } from './extensions';

const App = lazy(async () => {
  const [app, { translated }] = await Promise.all([import('./App'), import('./locales/translated')]);
  await translated();
  return app;
});

export const plugin = new AppPlugin().setRootPage(() => <App />).addLink(createFromQuery);
