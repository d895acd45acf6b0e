/**
 * What must stand before the first module of Grafana is evaluated: those read
 * it as they load. So this is the first import of the host page.
 */

/** Written into the page by the site. */
interface Site {
  user: { login: string; name: string; orgRole: string };
  datasource: { uid: string; name: string; type: string };
}

declare global {
  interface Window {
    site: Site;
    grafanaBootData: unknown;
    /** For the tests: as a switch of the theme in the profile of a user. */
    setTheme: (mode: 'dark' | 'light') => void;
  }
}

export const site = window.site;

const theme = new URLSearchParams(window.location.search).get('theme') === 'light' ? 'light' : 'dark';

window.grafanaBootData = {
  user: {
    ...site.user,
    id: 1,
    uid: site.user.login,
    isSignedIn: site.user.login !== '',
    isGrafanaAdmin: false,
    email: `${site.user.login}@localhost`,
    orgId: 1,
    orgName: 'Main Org.',
    theme,
    timezone: 'browser',
    weekStart: '',
    locale: 'en-US',
    language: 'en-US',
    permissions: site.user.orgRole === 'Viewer' ? {} : { 'datasources:explore': true, 'alert.rules:create': true },
  },
  settings: {
    appSubUrl: '',
    appUrl: `${window.location.origin}/`,
    namespace: 'default',
    featureToggles: {},
    exploreEnabled: true,
    unifiedAlertingEnabled: true,
    minRefreshInterval: '5s',
    buildInfo: {
      version: '13.2.2',
      versionString: 'Grafana v13.2.2',
      commit: '',
      env: 'production',
      edition: 'Open Source',
    },
  },
  navTree: [],
  assets: { dark: '', light: '' },
};

window.MonacoEnvironment = {
  getWorker: () => new Worker(new URL('monaco-editor/esm/vs/editor/editor.worker.js', import.meta.url)),
};
