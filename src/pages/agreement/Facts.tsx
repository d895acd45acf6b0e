import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type ReactNode } from 'react';

/** What something is called, and what it is. */
export interface Fact {
  id: string;
  label: ReactNode;
  value: ReactNode;
}

/** Facts as pairs, side by side where there is room. Those without a value are left out. */
export function Facts({ facts }: { facts: Fact[] }) {
  const styles = useStyles2(getStyles);
  return (
    <dl className={styles.list}>
      {facts
        .filter(({ value }) => value)
        .map(({ id, label, value }) => (
          <div key={id}>
            <dt className={styles.label}>{label}</dt>
            <dd className={styles.value}>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 140px), 1fr))',
      gap: theme.spacing(1.5, 2),
      margin: 0,
    }),
    label: css({
      ...theme.typography.bodySmall,
      fontWeight: theme.typography.fontWeightRegular,
      color: theme.colors.text.secondary,
    }),
    value: css({ margin: 0, fontVariantNumeric: 'tabular-nums' }),
  };
}
