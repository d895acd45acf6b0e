import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
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

/** Small text in a table cell, cut after two lines; another place shows it in full. */
export function TwoLines({ text }: { text?: string }) {
  const styles = useStyles2(getStyles);
  return text ? (
    <div title={text} className={styles.twoLines}>
      {text}
    </div>
  ) : null;
}

const getStyles = (theme: GrafanaTheme2) => ({
  // Long text does not widen the column.
  cell: css({ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', minWidth: 200, maxWidth: 360 }),
  twoLines: css({
    ...theme.typography.bodySmall,
    color: theme.colors.text.secondary,
    display: '-webkit-box',
    overflow: 'hidden',
    WebkitLineClamp: 2,
    WebkitBoxOrient: 'vertical',
  }),
});
