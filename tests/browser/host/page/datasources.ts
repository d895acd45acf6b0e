import { type DataSourceApi, type DataSourceInstanceSettings, type DataSourcePlugin } from '@grafana/data';
import { type DataSourceSrv } from '@grafana/runtime';
import { site } from './boot';
import { load, manifestOf } from './plugins';

/** The one data source, by the plugin's own class. */
export async function dataSources(): Promise<DataSourceSrv> {
  const { uid, name, type } = site.datasource;
  const manifest = await manifestOf(type);
  const settings: DataSourceInstanceSettings = {
    id: 1,
    uid,
    name,
    type,
    access: 'proxy',
    readOnly: false,
    isDefault: true,
    jsonData: {},
    url: `/api/datasources/proxy/uid/${uid}`,
    meta: { ...manifest, module: '', baseUrl: `public/plugins/${type}` } as DataSourceInstanceSettings['meta'],
  };
  let made: Promise<DataSourceApi> | undefined;
  const make = async () => {
    const { DataSourceClass, components } = (await load(type)) as DataSourcePlugin<DataSourceApi>;
    return Object.assign(new DataSourceClass(settings), { components, meta: settings.meta });
  };
  const find = (ref?: Parameters<DataSourceSrv['get']>[0]) => {
    const asked = ref && typeof ref === 'object' ? (ref.uid ?? ref.type) : ref;
    return !asked || [uid, name, type, 'default'].includes(asked) ? settings : undefined;
  };
  return {
    get: async (ref) => {
      if (!find(ref)) {
        throw new Error(`Datasource ${JSON.stringify(ref)} was not found`);
      }
      return (made ??= make());
    },
    getList: ({ pluginId, type: types, filter } = {}) =>
      [settings].filter(
        (one) =>
          (!pluginId || one.type === pluginId) &&
          (!types || [types].flat().includes(one.type)) &&
          (!filter || filter(one)),
      ),
    getInstanceSettings: find,
    reload: async () => {},
    registerRuntimeDataSource: () => {
      throw new Error('the host page has no data sources of the frontend');
    },
  };
}
