import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import { type ReactNode } from 'react';

/** Says in a line that nothing is wrong. */
export function AllGood({ children }: { children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <p className={styles.line}>
      <Icon name="check-circle" className={styles.icon} aria-hidden /> {children}
    </p>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    line: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), margin: 0 }),
    icon: css({ color: theme.colors.success.text }),
  };
}
