import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { type CellProps, type Column, EmptyState, InteractiveTable, Pagination, useStyles2 } from '@grafana/ui';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { setParams } from '../paths';

/** A column with the cell of a row; where it is `sorted`, by the backend, and by this name. */
export function column<Row extends object>(
  id: string,
  header: string,
  cell: (row: Row) => ReactNode,
  sorted = false,
): Column<Row> {
  // Whatever its type says to the table.
  const sort = sorted ? ({ sortType: 'string', sortDescFirst: false } as const) : {};
  return { id, header, ...sort, cell: ({ row }: CellProps<Row>) => cell(row.original) };
}

/** Rows that the backend has filtered, sorted and cut into pages. */
export interface List<Row> {
  rows: Row[];
  /** How many rows there are on all pages, and on one; absent: these are all. */
  total?: number;
  pageSize?: number;
}

interface Props<Row extends object> {
  /** Must be the same array until the rows change. */
  columns: Array<Column<Row>>;
  list: List<Row>;
  rowId: (row: Row, place: number) => string;
  /** Said where a search or a filter keeps no row. */
  none?: string;
  /** What the figures of a column mean, by its name. */
  tooltips?: Record<string, string>;
  /** How many rows the table shows at once, where the backend has sent all of them. */
  pageSize?: number;
  /** Shown under a row when it is opened. */
  expanded?: (row: Row) => ReactNode;
}

/** The parameter of the URL by which the backend sorts (`name`, or `-name` downwards). */
const sortParam = 'sort';

/**
 * Grafana's table over rows of the backend: its headings set the sort, its
 * pages the page of the URL, and the page asks anew.
 */
export function DataTable<Row extends object>({ columns, list, rowId, none, tooltips, expanded, ...more }: Props<Row>) {
  const styles = useStyles2(getStyles);
  const [search] = useSearchParams();
  const sort = search.get(sortParam) ?? '';
  // The table keeps its own sort once it is shown: for another one, as Back brings it, it is made anew.
  const [own, setOwn] = useState({ sort, made: 0 });
  if (own.sort !== sort) {
    setOwn({ sort, made: own.made + 1 });
  }
  const fetchData = useCallback(
    ({ sortBy: [by] }: { sortBy: Array<{ id: string; desc?: boolean }> }) => {
      const next = by ? `${by.desc ? '-' : ''}${by.id}` : '';
      if (next !== sort) {
        setOwn(({ made }) => ({ sort: next, made }));
        setParams({ [sortParam]: next }, true);
      }
    },
    [sort],
  );
  const headerTooltips = useMemo(
    () => Object.fromEntries(Object.entries(tooltips ?? {}).map(([id, content]) => [id, { content }])),
    [tooltips],
  );
  if (none && list.rows.length === 0) {
    return (
      <EmptyState role="status" variant="not-found" message={none}>
        Remove a filter, or search for fewer words.
      </EmptyState>
    );
  }
  // One of several tables on a page has no sort of its own in the URL.
  const initialSortBy = sort ? [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }] : [];
  const sorting = columns.some(({ sortType }) => sortType) ? { fetchData, initialSortBy } : {};
  const table = { columns, data: list.rows, getRowId: rowId, headerTooltips, ...sorting, ...more };
  return (
    <div className={styles.scrolled} ref={scrollsByKeyboard}>
      {expanded ? (
        <InteractiveTable key={own.made} {...table} renderExpandedRow={expanded} />
      ) : (
        <InteractiveTable key={own.made} {...table} />
      )}
      <Pages {...list} />
    </div>
  );
}

/** The pages of a list, of which the URL has the one that is shown, from 1. */
export function Pages({ rows, total = rows.length, pageSize = total }: List<unknown>) {
  const [search] = useSearchParams();
  const pages = Math.ceil(total / Math.max(pageSize, 1));
  return (
    <Pagination
      hideWhenSinglePage
      // Beyond the last the backend answers the last.
      currentPage={Math.min(Number(search.get('page')) || 1, pages)}
      numberOfPages={pages}
      onNavigate={(page) => setParams({ page: page > 1 ? String(page) : '' })}
    />
  );
}

/** Grafana's table scrolls sideways; where nothing in it takes the focus, the keyboard must reach it all the same. */
function scrollsByKeyboard(whole: HTMLDivElement | null) {
  const table = whole?.querySelector('table');
  if (table && !table.querySelector('a, button, [tabindex]')) {
    table.parentElement!.tabIndex = 0;
  }
}

/**
 * The query string with these parameters set, or without them where they are
 * empty. A new filter or sort begins at the first page.
 */
export function withParams(before: URLSearchParams, set: Record<string, string>): URLSearchParams {
  const next = new URLSearchParams(before);
  for (const [name, value] of Object.entries({ page: '', ...set })) {
    if (value) {
      next.set(name, value);
    } else {
      next.delete(name);
    }
  }
  return next;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    scrolled: css({
      overflowX: 'auto',
      // What is placed absolutely inside scrolls with it.
      position: 'relative',
      // A column is no narrower than its longest word.
      '& td': { verticalAlign: 'top', fontVariantNumeric: 'tabular-nums', overflowWrap: 'break-word' },
      '& nav': { marginTop: theme.spacing(1) },
    }),
  };
}
