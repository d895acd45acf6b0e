/**
 * The page that the browser tests open where there is no Grafana. It gives the
 * plugin what Grafana gives it: the shared libraries, the services of the
 * runtime, routing, theme, the frame of a page. It has no panels of Grafana's;
 * where one belongs it says what would be drawn.
 */
import './boot';
import { type AppPlugin, type AppPluginMeta, createTheme, EventBusSrv, PluginContextProvider } from '@grafana/data';
import { setPluginPage } from '@grafana/runtime-internal/components/PluginPage.mjs';
import {
  config,
  LocationServiceProvider,
  locationService,
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setLocationSrv,
  setPluginComponentHook,
  setPluginComponentsHook,
  setPluginFunctionsHook,
  setPluginImportUtils,
  setPluginLinksHook,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { ErrorBoundaryAlert, GlobalStyles, PortalContainer, ThemeContext } from '@grafana/ui';
import { Suspense, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Navigate, Route, Routes } from 'react-router';
import { backendSrv } from './backend';
import { dataSources } from './datasources';
import { Frame, Page } from './Frame';
import { Messages } from './Messages';
import { type Section, sectionOf } from './navigation';
import { GrafanaRouter } from '../../../../src/testing/GrafanaRouter';
import { share } from '../../../shared';
import { panelPlugins, runRequest } from './panels';
import { load, manifestOf } from './plugins';
import './reset.css';

const appId = 'accord-sla-app';

async function services() {
  setAppEvents(new EventBusSrv());
  setBackendSrv(backendSrv);
  setEchoSrv({ addBackend() {}, addEvent() {}, flush() {}, onInteraction: () => () => {} });
  setLocationSrv({ update: ({ path, query }) => locationService.partial({ ...query, path }) });
  setTemplateSrv({
    getVariables: () => [],
    replace: (text) => text ?? '',
    containsTemplate: () => false,
    updateTimeRange() {},
  });
  setPluginPage(Page);
  setPluginImportUtils(panelPlugins);
  setRunRequest(runRequest);
  // Grafana's own parts that plugins may show are not there.
  setPluginComponentHook(() => ({ component: null, isLoading: false }));
  setPluginComponentsHook(() => ({ components: [], isLoading: false }));
  setPluginFunctionsHook(() => ({ functions: [], isLoading: false }));
  setPluginLinksHook(() => ({ links: [], isLoading: false }));
  setDataSourceSrv(await dataSources());
}

interface Props {
  plugin: AppPlugin;
  meta: AppPluginMeta;
  section: Section;
}

function Host({ plugin, meta, section }: Props) {
  const Root = plugin.root;
  const [theme, setTheme] = useState(config.theme2);
  window.setTheme = (mode) => setTheme(createTheme({ colors: { mode } }));
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <LocationServiceProvider service={locationService}>
        <GrafanaRouter>
          <Frame section={section}>
            <Suspense fallback={null}>
              <ErrorBoundaryAlert style="page">
                <Routes>
                  <Route
                    path={`/a/${appId}/*`}
                    element={
                      <PluginContextProvider meta={meta}>
                        {Root && (
                          <Root meta={meta} basename={`/a/${appId}`} onNavChanged={() => {}} query={{}} path="" />
                        )}
                      </PluginContextProvider>
                    }
                  />
                  <Route path="/" element={<Navigate to={`/a/${appId}`} replace />} />
                  <Route
                    path="*"
                    element={<Page pageNav={{ text: 'Page not found' }}>This page is Grafana’s own.</Page>}
                  />
                </Routes>
              </ErrorBoundaryAlert>
            </Suspense>
          </Frame>
          <Messages />
          <PortalContainer />
        </GrafanaRouter>
      </LocationServiceProvider>
    </ThemeContext.Provider>
  );
}

async function begin() {
  await services();
  // A copy of what the modules export, so not before the services are set.
  share(System);
  const meta: AppPluginMeta = { ...(await manifestOf(appId)), enabled: true, jsonData: {} };
  const plugin = (await load(appId)) as unknown as AppPlugin;
  plugin.init?.(meta);
  const root = document.getElementById('reactRoot');
  if (!root) {
    throw new Error('the page has no #reactRoot');
  }
  createRoot(root).render(<Host plugin={plugin} meta={meta} section={sectionOf(meta)} />);
}

void begin();
