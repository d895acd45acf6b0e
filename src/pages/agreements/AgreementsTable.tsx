import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, Pagination, useStyles2 } from '@grafana/ui';
import { memo, useCallback, useDeferredValue, useMemo, useRef } from 'react';
import { useSearchParams } from 'react-router-dom';
import { type Catalog, type Report } from '../../api/types';
import { download } from '../../components/csv';
import { Empty } from '../../components/Empty';
import { type Sort, sorted, Table } from '../../components/Table';
import { count, plural } from '../../components/words';
import { type Line } from './burnDown';
import { type ColumnContext, columns } from './columns';
import { burnWindowsOf, csvOf } from './csv';
import { filtered, type FilterName, filtersOf, narrows, sortOf, withFilter, withoutFilters, withSort } from './filters';
import { FilterBar } from './FilterBar';
import { SortChoice } from './SortChoice';
import { type AgreementRow, agreementRows, titlesOf } from './agreementRow';
import { useBurnDowns } from './useBurnDowns';
import { useSearchText } from './useSearchText';

interface Props {
  catalog: Catalog;
  /** Undefined where nothing could be measured. */
  report: Report | undefined;
}

/** So many rows are drawn at once; the rest is a page away, or a filter. */
const pageSize = 50;

/** The rows that the URL asks for, with what changes it. */
export function AgreementsTable({ catalog, report }: Props) {
  const styles = useStyles2(getStyles);
  const [params, setParams] = useSearchParams();
  const top = useRef<HTMLDivElement>(null);
  const tellSearch = useCallback(
    (text: string) => setParams((before) => withFilter(before, 'q', [text]), { replace: true }),
    [setParams],
  );
  const [search, setSearch] = useSearchText(params.get('q') ?? '', tellSearch);
  const all = useMemo(() => agreementRows(catalog, report), [catalog, report]);
  const called = useMemo(() => titlesOf(catalog.teams), [catalog]);

  const asked = useDeferredValue(search);
  const chosen = useMemo(() => filtersOf(params), [params]);
  const kept = useMemo(() => filtered(all, { ...chosen, search: asked }, called), [all, chosen, asked, called]);
  const sort = sortOf(params);
  const { by, descending } = sort;
  const orders = useMemo(() => columns({ called, burnDowns: new Map() }), [called]);
  const rows = useMemo(() => {
    const worstFirst = sorted(kept, orders, { by: 'state', descending: false });
    return sorted(worstFirst, orders, { by, descending });
  }, [kept, orders, by, descending]);

  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const page = Math.min(pages, Math.max(1, Number.parseInt(params.get('page') ?? '1', 10) || 1));
  const shown = useMemo(() => rows.slice((page - 1) * pageSize, page * pageSize), [rows, page]);
  const burnDowns = useBurnDowns(useMemo(() => linesOf(shown), [shown]));
  const filter = useCallback(
    (name: FilterName, values: string[]) => setParams((before) => withFilter(before, name, values)),
    [setParams],
  );
  const order = useCallback((next: Sort) => setParams((before) => withSort(before, next)), [setParams]);

  const turnTo = (next: number) => {
    setParams((before) => {
      before.set('page', String(next));
      return before;
    });
    top.current?.scrollIntoView?.({ block: 'start' });
  };

  return (
    <div ref={top}>
      <FilterBar
        agreementRows={all}
        filters={chosen}
        called={called}
        search={search}
        onSearch={setSearch}
        onFilter={filter}
      />
      <div className={styles.line}>
        <span role="status" className={styles.count}>
          {counted(kept.length, all.length)}
        </span>
        {narrows({ ...chosen, search }) && (
          <Button
            variant="secondary"
            size="sm"
            fill="text"
            icon="times"
            onClick={() => {
              setSearch('');
              setParams(withoutFilters);
            }}
          >
            {'Clear all filters'}
          </Button>
        )}
        <SortChoice columns={orders} sort={sort} onSort={order} />
        <Button
          variant="secondary"
          size="sm"
          icon="download-alt"
          disabled={rows.length === 0}
          onClick={() => download('agreements.csv', csvOf(rows, burnWindowsOf(all)))}
        >
          {'Download CSV'}
        </Button>
      </div>
      {rows.length === 0 ? (
        <Empty kind="not-found" title={'No agreement fits all of this'}>
          {'Take a filter away, or search for fewer words.'}
        </Empty>
      ) : (
        <Rows rows={shown} called={called} burnDowns={burnDowns} by={by} descending={descending} onSort={order} />
      )}
      <div className={styles.pages}>
        <Pagination currentPage={page} numberOfPages={pages} onNavigate={turnTo} hideWhenSinglePage />
      </div>
    </div>
  );
}

interface RowsProps extends ColumnContext, Sort {
  rows: AgreementRow[];
  onSort: (sort: Sort) => void;
}

/** The table itself, drawn anew only when its rows change, so that a search keeps up with who types. */
const Rows = memo(function Rows({ rows, called, burnDowns, by, descending, onSort }: RowsProps) {
  return (
    <Table
      caption={'Agreements and how they stand'}
      columns={columns({ called, burnDowns })}
      rows={rows}
      rowKey={({ alone, summary }) => `${alone} ${summary.name}`}
      sort={{ by, descending }}
      onSort={onSort}
    />
  );
});

function counted(kept: number, all: number): string {
  return kept === all
    ? plural(all, `${count(all)} agreement`, `${count(all)} agreements`)
    : plural(
        all,
        `${kept.toLocaleString('en')} of ${count(all)} agreement`,
        `${kept.toLocaleString('en')} of ${count(all)} agreements`,
      );
}

function linesOf(rows: AgreementRow[]): Line[] {
  return rows.flatMap(({ summary, least }) => (least ? [{ agreement: summary.name, objective: least }] : []));
}

function getStyles(theme: GrafanaTheme2) {
  return {
    line: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(1),
      margin: theme.spacing(1, 0),
      minHeight: theme.spacing(4),
    }),
    count: css({ color: theme.colors.text.secondary, marginRight: 'auto', fontVariantNumeric: 'tabular-nums' }),
    pages: css({ marginTop: theme.spacing(2), display: 'flex', justifyContent: 'flex-end' }),
  };
}
