import { rspack } from '@rspack/core';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = import.meta.dirname;
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

// What Grafana gives to every plugin; all else is bundled.
const shared = [
  'lodash',
  'moment',
  'rxjs',
  'rxjs/operators',
  'i18next',
  'react',
  'react/jsx-runtime',
  'react/jsx-dev-runtime',
  'react-dom',
  'react-router',
  'react-redux',
  'redux',
  '@emotion/css',
  '@emotion/react',
  /^@grafana\/(data|runtime|ui)(\/unstable)?$/,
];

/**
 * One compilation per plugin.json: the chunks of the nested data source are
 * served from the address of its own id, not from that of the app.
 */
function plugin({ id, entry, output, files, budget, production }) {
  return {
    name: id,
    mode: production ? 'production' : 'development',
    target: ['web', 'es2022'],
    context: path.join(root, 'src'),
    entry: { module: entry },
    devtool: production ? 'source-map' : 'eval-source-map',
    // Grafana's loader puts the plugin's own AMD module in for `module`, from
    // whose address src/publicPath.ts learns where the chunks are.
    externals: [{ 'amd-module': 'module' }, ...shared],
    externalsType: 'amd',
    resolve: { extensions: ['.tsx', '.ts', '.js'] },
    module: {
      rules: [
        {
          test: /\.tsx?$/,
          loader: 'builtin:swc-loader',
          options: {
            jsc: {
              parser: { syntax: 'typescript', tsx: true },
              // Grafana gives the production build of React, whose jsx-dev-runtime has no jsxDEV.
              transform: { react: { runtime: 'automatic', development: false } },
              target: 'es2022',
            },
          },
          type: 'javascript/auto',
        },
        { test: /\.css$/, type: 'css/auto' },
        { test: /\.(png|svg|woff2?)$/, type: 'asset/resource', generator: { filename: 'img/[name][ext]' } },
        { test: /\.(md|yaml)$/, type: 'asset/source' },
      ],
    },
    output: {
      path: path.join(root, output),
      filename: '[name].js',
      chunkFilename: production ? 'chunks/[name].[contenthash:10].js' : 'chunks/[name].js',
      cssChunkFilename: 'chunks/[name].[contenthash:10].css',
      library: { type: 'amd' },
      uniqueName: id,
      // Whoever compares the source maps of a package with its sources knows the app alone.
      devtoolNamespace: 'accord-sla-app',
      publicPath: `public/plugins/${id}/`,
    },
    optimization: { chunkIds: 'named' },
    // In bytes: module.js is loaded before anybody opens the plugin, chunks only by the page that needs them.
    performance: production && {
      hints: 'error',
      maxEntrypointSize: budget,
      maxAssetSize: 500_000,
      assetFilter: (name) => name.endsWith('.js'),
    },
    plugins: [
      new rspack.CopyRspackPlugin({ patterns: files }),
      // Grafana's loader has a define of its own, to which bundled libraries would give themselves away.
      new rspack.DefinePlugin({ define: 'undefined' }),
    ],
    stats: production ? sizes : 'errors-warnings',
  };
}

/** What the production build prints: each script with its size, the largest first. */
const sizes = {
  preset: 'errors-warnings',
  assets: true,
  assetsSort: '!size',
  assetsSpace: Infinity,
  excludeAssets: /(?<!\.js)$/,
  groupAssetsByChunk: false,
  groupAssetsByExtension: false,
  groupAssetsByInfo: false,
  groupAssetsByPath: false,
};

/** Fills in the version, which stands in package.json alone. */
const manifest = (file) => ({
  from: file,
  to: 'plugin.json',
  transform: (content) => content.toString().replaceAll('%VERSION%', version),
});

/** Leads links of a Markdown file, which are relative in the repository, to it: a catalog of plugins has no such files. */
const absolute = (content) => {
  const at = (folder) => `https://${folder}/accord-sla/accord/`;
  return content
    .toString()
    .replace(/(!\[[^\]]*\]\()(?!https?:|#)/g, `$1${at('raw.githubusercontent.com')}v${version}/`)
    .replace(/((?<!!)\[[^\]]*\]\()(?!https?:|#)/g, `$1${at('github.com')}blob/v${version}/`);
};

/** The pictures of plugin.json, and those of docs/img that they are. */
const screenshots = {
  agreements: 'agreements',
  agreement: 'agreements-checkout-for-storefront',
  statements: 'statements',
  exclusions: 'exclusions',
  'new-agreement': 'documents-new-agreement',
};

const fromRoot = (file) => path.join(root, file);

export default (_, { mode }) => {
  const production = mode !== 'development';
  // Chunks carry a hash in their names, so those of earlier builds would stay; of what is not made anew no size is printed.
  for (const output of ['dist', 'dist/datasource']) {
    for (const old of ['chunks', 'module.js']) {
      rmSync(path.join(root, output, old), { recursive: true, force: true });
    }
  }
  return [
    plugin({
      id: 'accord-sla-app',
      entry: './module.tsx',
      output: 'dist',
      budget: 25_000,
      files: [
        manifest(fromRoot('plugin.json')),
        { from: 'img', to: 'img' },
        { from: fromRoot('LICENSE'), to: 'LICENSE', toType: 'file' },
        ...['README.md', 'CHANGELOG.md'].map((file) => ({ from: fromRoot(file), to: file, transform: absolute })),
        ...Object.entries(screenshots).map(([to, from]) => ({
          from: fromRoot(`docs/img/${from}-dark-1440.png`),
          to: `img/${to}.png`,
        })),
        { from: '*.json', context: fromRoot('provisioning/dashboards'), to: 'dashboards' },
      ],
      production,
    }),
    plugin({
      id: 'accord-sla-datasource',
      entry: './datasource/module.ts',
      output: 'dist/datasource',
      budget: 60_000,
      files: [manifest(fromRoot('src/datasource/plugin.json')), { from: 'img', to: 'img' }],
      production,
    }),
  ];
};
