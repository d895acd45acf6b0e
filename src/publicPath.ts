// Loads chunks from where Grafana serves their module (a sub path, a CDN).
// Must be the first import of an entry.
// @ts-expect-error Grafana's loader gives each AMD module itself.
import amdModule from 'amd-module';

declare let __webpack_public_path__: string;

if (amdModule?.uri) {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the bundler's own name, only ever written
  __webpack_public_path__ = amdModule.uri.slice(0, amdModule.uri.lastIndexOf('/') + 1);
}
