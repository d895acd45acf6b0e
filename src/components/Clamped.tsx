import { css } from '@emotion/css';
import { Text, useStyles2 } from '@grafana/ui';

/** A remark in a cell of a table, on one line: all of it is in its tooltip where it is cut. */
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
  // Its column is no wider for what is cut.
  cell: css({ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', minWidth: 200, maxWidth: 360 }),
});
