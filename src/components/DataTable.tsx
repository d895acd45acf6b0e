import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { type Column, InteractiveTable, Pagination, useStyles2 } from '@grafana/ui';
import { type ComponentProps, type ReactNode, useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';

/** A table of rows that the backend has filtered, sorted and cut into pages. */
interface Props<Row extends object> {
  /** Must be the same array until the rows change; cells are rendered with `row.original`. */
  columns: Array<Column<Row>>;
  rows: Row[];
  rowId: (row: Row) => string;
  /** How many rows there are on all pages, and on one; absent: these are all. */
  total?: number;
  pageSize?: number;
  headerTooltips?: ComponentProps<typeof InteractiveTable>['headerTooltips'];
  /** Shown under a row when it is opened. */
  expanded?: (row: Row) => ReactNode;
}

/** The parameters of the URL by which the backend sorts (`name`, or `-name` downwards) and pages (from 1). */
const sortParam = 'sort';
export const pageParam = 'page';

/**
 * Grafana's table over rows of the backend: its headings set the sort, its
 * pages the page of the URL, and the page asks anew.
 */
export function DataTable<Row extends object>(props: Props<Row>) {
  const { columns, rows, rowId, total = rows.length, pageSize = total, headerTooltips, expanded } = props;
  const styles = useStyles2(getStyles);
  const [search, setSearch] = useSearchParams();
  const sort = search.get(sortParam) ?? '';
  const initialSortBy = useMemo(
    () => (sort ? [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }] : []),
    // The table keeps its own sort once it is shown.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [],
  );
  const fetchData = useCallback(
    ({ sortBy: [by] }: { sortBy: Array<{ id: string; desc?: boolean }> }) =>
      setSearch(
        (before) => {
          const next = by ? `${by.desc ? '-' : ''}${by.id}` : '';
          return (before.get(sortParam) ?? '') === next ? before : withParams(before, { [sortParam]: next });
        },
        { replace: true },
      ),
    [setSearch],
  );
  const table = { columns, data: rows, getRowId: rowId, headerTooltips, fetchData, initialSortBy };
  const pages = Math.ceil(total / Math.max(pageSize, 1));
  return (
    <div className={styles.scrolled} ref={scrollsByKeyboard}>
      {expanded ? <InteractiveTable {...table} renderExpandedRow={expanded} /> : <InteractiveTable {...table} />}
      <Pagination
        hideWhenSinglePage
        currentPage={Number(search.get(pageParam)) || 1}
        numberOfPages={pages}
        onNavigate={(page) => setSearch((before) => withParams(before, { [pageParam]: page > 1 ? String(page) : '' }))}
      />
    </div>
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
  for (const [name, value] of Object.entries({ [pageParam]: '', ...set })) {
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
