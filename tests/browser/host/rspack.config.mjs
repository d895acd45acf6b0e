import { rspack } from '@rspack/core';
import path from 'node:path';

const here = import.meta.dirname;
const modules = path.resolve(here, '../../../node_modules');
const inter = path.join(modules, '@fontsource/inter/files/inter-latin-');
const roboto = path.join(modules, '@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2');

/**
 * The host page of the browser tests; its fonts are Grafana's, so that text is as wide as there. `libraries` is a folder
 * whose modules are taken before those of the project.
 */
export default (env) => ({
  mode: 'production',
  target: ['web', 'es2022'],
  context: path.join(here, 'page'),
  entry: { host: './index.tsx' },
  devtool: false,
  resolve: {
    extensions: ['.tsx', '.ts', '.mjs', '.js'],
    modules: [...(path.resolve(env.libraries) === modules ? [] : [path.resolve(env.libraries)]), 'node_modules'],
    // What only Grafana itself may call; the same instance that the plugin is given.
    alias: { '@grafana/runtime-internal': path.resolve(env.libraries, '@grafana/runtime/dist/esm') },
  },
  module: {
    // For its compatibility with a router of old, which nothing here uses.
    parser: { javascript: { exportsPresence: 'warn' } },
    rules: [
      {
        test: /\.tsx?$/,
        loader: 'builtin:swc-loader',
        options: {
          jsc: {
            parser: { syntax: 'typescript', tsx: true },
            transform: { react: { runtime: 'automatic', development: false } },
            target: 'es2022',
          },
        },
        type: 'javascript/auto',
      },
      // Grafana's packages leave out endings in the names of what they import.
      { test: /\.mjs$/, resolve: { fullySpecified: false } },
      { test: /\.css$/, type: 'css/auto' },
      { test: /\.(png|svg|ttf|woff2?)$/, type: 'asset/resource' },
    ],
  },
  output: { path: path.resolve(env.output), filename: '[name].js', chunkFilename: '[name].js', publicPath: '/host/' },
  // Not for the wire: built often, and read by people when a test fails.
  optimization: { minimize: false, chunkIds: 'named' },
  performance: { hints: false },
  ignoreWarnings: [/./],
  plugins: [
    new rspack.CopyRspackPlugin({
      patterns: [
        ...Object.entries({
          Regular: '400-normal',
          Medium: '500-normal',
          Italic: '400-italic',
          MediumItalic: '500-italic',
        }).map(([style, file]) => ({ from: `${inter}${file}.woff2`, to: `fonts/inter/Inter-${style}.woff2` })),
        {
          from: roboto,
          to: 'fonts/roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2',
        },
      ],
    }),
  ],
  stats: { preset: 'errors-warnings', assets: false },
});
