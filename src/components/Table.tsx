import { css, cx } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import { type ReactNode } from 'react';

/** A column of a {@link Table}. */
export interface Column<Row> {
  id: string;
  /** The heading, in words. */
  label: string;
  /** Shown beside the heading, such as an explanation. */
  aside?: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Orders two rows upwards; a column without it cannot be sorted by. */
  compare?: (a: Row, b: Row) => number;
  /** Rows for which it is false have nothing to be ordered by: they come last, upwards and downwards. */
  known?: (row: Row) => boolean;
  numeric?: boolean;
  /** Left out where there is no room for columns: of less need, and told on the page that the row leads to. */
  roomy?: boolean;
}

/** Which column the rows are sorted by, and how. */
export interface Sort {
  by: string;
  descending: boolean;
}

interface Props<Row> {
  /** What the table shows, for screen readers. */
  caption: string;
  columns: Array<Column<Row>>;
  /** Already sorted. */
  rows: Row[];
  rowKey: (row: Row) => string;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
}

/** A table that becomes a list of cards where there is no room for columns. */
export function Table<Row>({ caption, columns, rows, rowKey, sort, onSort }: Props<Row>) {
  const styles = useStyles2(getStyles);
  return (
    <table className={styles.table}>
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <Heading key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
            {columns.map((column) => (
              <td key={column.id} className={cx(column.numeric && styles.numeric, column.roomy && styles.roomy)}>
                <span className={styles.label} aria-hidden>
                  {column.label}
                </span>
                <div>{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Heading<Row>({ column, sort, onSort }: { column: Column<Row> } & Pick<Props<Row>, 'sort' | 'onSort'>) {
  const styles = useStyles2(getStyles);
  const sorted = sort?.by === column.id ? sort : undefined;
  return (
    <th
      scope="col"
      className={cx(column.numeric && styles.numeric)}
      aria-sort={sorted && (sorted.descending ? 'descending' : 'ascending')}
    >
      {column.compare && onSort ? (
        <button
          type="button"
          className={styles.sort}
          onClick={() => onSort({ by: column.id, descending: sorted ? !sorted.descending : false })}
        >
          {column.label}
          <Icon
            name={sorted?.descending ? 'arrow-down' : 'arrow-up'}
            aria-hidden
            // Its place is kept, so that sorting moves no column.
            style={{ visibility: sorted ? 'visible' : 'hidden' }}
          />
        </button>
      ) : (
        column.label
      )}
      {column.aside}
    </th>
  );
}

/** The rows in the order that is asked for; equal ones stay as they were. */
export function sorted<Row>(rows: Row[], columns: Array<Column<Row>>, sort: Sort): Row[] {
  const { compare, known = () => true } = columns.find((column) => column.id === sort.by) ?? {};
  if (!compare) {
    return rows;
  }
  const order = (a: Row, b: Row) => (sort.descending ? -compare(a, b) : compare(a, b));
  return [...rows.filter(known).sort(order), ...rows.filter((row) => !known(row))];
}

function getStyles(theme: GrafanaTheme2) {
  const narrow = theme.breakpoints.down('md');
  return {
    table: css({
      width: '100%',
      '& th': {
        padding: theme.spacing(0.5, 1),
        textAlign: 'left',
        verticalAlign: 'bottom',
        whiteSpace: 'nowrap',
        color: theme.colors.text.secondary,
        fontWeight: theme.typography.fontWeightMedium,
        borderBottom: `1px solid ${theme.colors.border.medium}`,
      },
      '& td': { padding: theme.spacing(1), verticalAlign: 'top' },
      '& tbody tr': { borderBottom: `1px solid ${theme.colors.border.weak}` },
      '& tbody tr:hover': { background: theme.colors.action.hover },
      [narrow]: {
        '&, & tbody, & tr, & td': { display: 'block', width: '100%' },
        // Each cell has its heading beside it, and what cannot be seen must not be focused.
        '& thead': { display: 'none' },
        '& tbody tr': { padding: theme.spacing(1, 0) },
        '& td': {
          display: 'grid',
          gridTemplateColumns: 'minmax(88px, 28%) 1fr',
          gap: theme.spacing(1),
          padding: theme.spacing(0.5, 0),
        },
        // What stands once for several rows.
        '& td:has(> div:empty)': { display: 'none' },
      },
    }),
    numeric: css({
      '&&': {
        textAlign: 'right',
        fontVariantNumeric: 'tabular-nums',
        whiteSpace: 'nowrap',
        [narrow]: { textAlign: 'left' },
      },
    }),
    // Twice, to weigh more than what makes a card of the row.
    roomy: css({ '&&': { [narrow]: { display: 'none' } } }),
    label: css({ display: 'none', color: theme.colors.text.secondary, [narrow]: { display: 'block' } }),
    sort: css({
      display: 'inline-flex',
      alignItems: 'center',
      gap: theme.spacing(0.5),
      padding: theme.spacing(0.5, 0),
      border: 'none',
      background: 'none',
      color: 'inherit',
      font: 'inherit',
      fontWeight: theme.typography.fontWeightMedium,
      '&:hover': { color: theme.colors.text.primary },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
    }),
  };
}
