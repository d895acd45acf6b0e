import './publicPath';
import { AppPlugin } from '@grafana/data';
import { lazy } from 'react';
import { createFromQuery } from './extensions';

const App = lazy(() => import('./App'));

export const plugin = new AppPlugin().setRootPage(() => <App />).addLink(createFromQuery);
