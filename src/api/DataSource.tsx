import { type DataSourceInstanceSettings, store } from '@grafana/data';
import { getDataSourceSrv, locationService } from '@grafana/runtime';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';

/** The plugin id of Accord data sources. */
export const dataSourceType = 'accord-sla-datasource';

/** The URL parameter with the uid of the data source. */
export const dataSourceParam = 'ds';

const remembered = 'accord-sla-app.datasource';

/** The data source whose catalog the pages show. */
export interface ChosenDataSource {
  uid: string;
  name: string;
  /** All data sources to choose from, by name. */
  all: DataSourceInstanceSettings[];
  choose: (uid: string) => void;
}

const Context = createContext<ChosenDataSource | undefined>(undefined);

/** The chosen data source; only below a {@link DataSourceProvider}. */
export function useDataSource(): ChosenDataSource {
  const chosen = useContext(Context);
  if (!chosen) {
    throw new Error('useDataSource needs a DataSourceProvider above it');
  }
  return chosen;
}

interface Props {
  children: ReactNode;
  /** Shown if this user may see no Accord data source. */
  none: ReactNode;
  /** Shown if the URL names one that does not exist. */
  unknown: (uid: string) => ReactNode;
}

/** Provides the data source: that of the URL, else the last chosen one, else the default or first one. */
export function DataSourceProvider({ children, none, unknown }: Props) {
  const [search] = useSearchParams();
  const asked = search.get(dataSourceParam);
  const all = useMemo(() => getDataSourceSrv().getList({ pluginId: dataSourceType }), []);
  const current = asked === null ? preferred(all) : all.find((one) => one.uid === asked);
  const uid = current?.uid;
  const isNamed = asked !== null || all.length < 2;
  const chosen = useMemo(() => {
    const choose = (next: string, replace = false) => locationService.partial({ [dataSourceParam]: next }, replace);
    return current && { uid: current.uid, name: current.name, all, choose };
  }, [current, all]);

  useEffect(() => {
    if (uid) {
      remember(uid);
    }
    if (uid && !isNamed) {
      chosen?.choose(uid, true);
    }
  }, [uid, isNamed, chosen]);
  if (!all.length) {
    return none;
  }
  return chosen ? <Context.Provider value={chosen}>{children}</Context.Provider> : unknown(asked ?? '');
}

function preferred(all: DataSourceInstanceSettings[]): DataSourceInstanceSettings | undefined {
  const last = store.get(remembered);
  return all.find((one) => one.uid === last) ?? all.find((one) => one.isDefault) ?? all[0];
}

function remember(uid: string) {
  try {
    store.set(remembered, uid);
  } catch {
    // A browser may refuse to store it; then only the URL has the choice.
  }
}
