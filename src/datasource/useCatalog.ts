import { useEffect, useState } from 'react';
import { type Catalog } from './catalog';
import { type AccordDataSource } from './datasource';

/** The catalog, or why it is not there; both absent while it loads. */
export interface CatalogState {
  catalog?: Catalog;
  error?: string;
}

/** Asks for the catalog once for each data source. */
export function useCatalog(datasource: AccordDataSource): CatalogState {
  const [answer, setAnswer] = useState<CatalogState & { from?: AccordDataSource }>({});
  useEffect(() => {
    let current = true;
    datasource.getCatalog().then(
      (catalog) => current && setAnswer({ from: datasource, catalog }),
      (error) => current && setAnswer({ from: datasource, error: reason(error) }),
    );
    return () => {
      current = false;
    };
  }, [datasource]);
  return answer.from === datasource ? answer : {};
}

function reason(error: unknown): string {
  const { data, message } = error as { data?: { error?: string; message?: string }; message?: string };
  return data?.error ?? data?.message ?? message ?? String(error);
}
