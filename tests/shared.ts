/** The libraries that Grafana gives to every plugin, which no bundle has; see `shared` in rspack.config.mjs. */
import * as emotion from '@emotion/css';
import * as emotionReact from '@emotion/react';
import * as data from '@grafana/data';
import * as runtime from '@grafana/runtime';
import * as ui from '@grafana/ui';
import i18next from 'i18next';
import lodash from 'lodash';
import moment from 'moment';
import * as React from 'react';
import * as jsxDevRuntime from 'react/jsx-dev-runtime';
import * as jsxRuntime from 'react/jsx-runtime';
import * as ReactDOM from 'react-dom';
import * as reactRedux from 'react-redux';
import * as reactRouter from 'react-router';
import * as redux from 'redux';
import * as rxjs from 'rxjs';
import * as operators from 'rxjs/operators';

const shared: Record<string, unknown> = {
  '@emotion/css': emotion,
  '@emotion/react': emotionReact,
  '@grafana/data': data,
  '@grafana/runtime': runtime,
  '@grafana/ui': ui,
  i18next,
  lodash,
  moment,
  react: React,
  'react-dom': ReactDOM,
  'react-redux': reactRedux,
  'react-router': reactRouter,
  'react/jsx-dev-runtime': jsxDevRuntime,
  'react/jsx-runtime': jsxRuntime,
  redux,
  rxjs,
  'rxjs/operators': operators,
};

/** Makes a SystemJS give them to the plugins that it loads. */
export function share(system: typeof System) {
  system.addImportMap({ imports: Object.fromEntries(Object.keys(shared).map((name) => [name, `shared:${name}`])) });
  for (const [name, module] of Object.entries(shared)) {
    system.set(`shared:${name}`, { default: module, ...(module as object) });
  }
}
