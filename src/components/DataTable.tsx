import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { type CellProps, type Column, EmptyState, InteractiveTable, Pagination, useStyles2 } from '@grafana/ui';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { setParams } from '../paths';

/** A column and the cell of a row; if `sorted`, the backend can sort by its id. */
export function column<Row extends object>(
  id: string,
  header: string,
  cell: (row: Row) => ReactNode,
  sorted = false,
): Column<Row> {
  // Any sort type makes the heading sortable.
  const sort = sorted ? ({ sortType: 'string', sortDescFirst: false } as const) : {};
  return { id, header, ...sort, cell: ({ row }: CellProps<Row>) => cell(row.original) };
}

/** Rows that the backend has filtered, sorted and paginated. */
export interface List<Row> {
  rows: Row[];
  /** The number of rows on all pages, and per page; absent if these rows are all. */
  total?: number;
  pageSize?: number;
}

interface Props<Row extends object> {
  /** Must be the same array until the rows change. */
  columns: Array<Column<Row>>;
  list: List<Row>;
  rowId: (row: Row, place: number) => string;
  /** Shown if a search or filter matches no row. */
  none?: string;
  /** The meaning of columns, by id. */
  tooltips?: Record<string, string>;
  /** Rows per page of the table, if the list has all rows. */
  pageSize?: number;
  /** Shown under an expanded row. */
  expanded?: (row: Row) => ReactNode;
}

/** The URL parameter of the sort: `name`, or `-name` for descending. */
const sortParam = 'sort';

/**
 * Grafana's table of rows from the backend. Headings and pagination set the sort
 * and page in the URL, by which the caller requests the rows.
 */
export function DataTable<Row extends object>({ columns, list, rowId, none, tooltips, expanded, ...more }: Props<Row>) {
  const styles = useStyles2(getStyles);
  const [search] = useSearchParams();
  const sort = search.get(sortParam) ?? '';
  // The table ignores later values of initialSortBy: if the URL changes, as by Back, remount it.
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
  // Tables without sortable columns share the page with others, and ignore the sort in the URL.
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

/** The pagination of a list. The URL has the current page, from 1. */
export function Pages({ rows, total = rows.length, pageSize = total }: List<unknown>) {
  const [search] = useSearchParams();
  const pages = Math.ceil(total / Math.max(pageSize, 1));
  return (
    <Pagination
      hideWhenSinglePage
      // Beyond the last page the backend returns the last.
      currentPage={Math.min(Number(search.get('page')) || 1, pages)}
      numberOfPages={pages}
      onNavigate={(page) => setParams({ page: page > 1 ? String(page) : '' })}
    />
  );
}

/** Makes a table without focusable elements focusable itself, so that it can be scrolled by keyboard. */
function scrollsByKeyboard(whole: HTMLDivElement | null) {
  const table = whole?.querySelector('table');
  if (table && !table.querySelector('a, button, [tabindex]')) {
    table.parentElement!.tabIndex = 0;
  }
}

function getStyles(theme: GrafanaTheme2) {
  return {
    scrolled: css({
      overflowX: 'auto',
      // Absolutely positioned elements inside scroll with it.
      position: 'relative',
      // A column is no narrower than its longest word.
      '& td': { verticalAlign: 'top', fontVariantNumeric: 'tabular-nums', overflowWrap: 'break-word' },
      '& nav': { marginTop: theme.spacing(1) },
    }),
  };
}
