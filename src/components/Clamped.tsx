import { css } from '@emotion/css';
import { Text, useStyles2 } from '@grafana/ui';

/** A remark in a table cell, on one line; if it is cut, the tooltip has all of it. */
export function Clamped({ text }: { text?: string }) {
  const styles = useStyles2(getStyles);
  return text ? (
    <div className={styles.cell}>
      <Text element="p" truncate>
        {text}
      </Text>
    </div>
  ) : null;
}

const getStyles = () => ({
  // Long text does not widen the column.
  cell: css({ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', minWidth: 200, maxWidth: 360 }),
});
