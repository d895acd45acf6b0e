import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Combobox, useStyles2 } from '@grafana/ui';
import { useId, useMemo } from 'react';
import { type Column, type Sort } from '../../components/Table';

interface Props<Row> {
  /** The same from render to render. */
  columns: Array<Column<Row>>;
  sort: Sort;
  onSort: (sort: Sort) => void;
}

/** The choice of the order where the table has no headings to choose it by. */
export function SortChoice<Row>({ columns, sort, onSort }: Props<Row>) {
  const styles = useStyles2(getStyles);
  const id = useId();
  const options = useMemo(
    () =>
      columns
        .filter(({ compare }) => compare)
        .flatMap(({ id: column, label }) => [
          { value: column, label: `${label}, upwards` },
          { value: `-${column}`, label: `${label}, downwards` },
        ]),
    [columns],
  );
  const value = sort.descending ? `-${sort.by}` : sort.by;
  return (
    <div className={styles.whole}>
      <label htmlFor={id}>{'Sort by'}</label>
      <Combobox
        id={id}
        width="auto"
        minWidth={18}
        options={options}
        value={value}
        onChange={(option) => {
          if (option.value !== value) {
            onSort({ by: option.value.replace(/^-/, ''), descending: option.value.startsWith('-') });
          }
        }}
      />
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    whole: css({
      display: 'none',
      [theme.breakpoints.down('md')]: { display: 'flex', alignItems: 'center', gap: theme.spacing(1) },
    }),
  };
}
