import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type ReactNode, useId } from 'react';

interface Props {
  title: ReactNode;
  /** Stands beside the title. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A part of a page with a heading of the second level, found by screen readers under that name. */
export function Section({ title, aside, children }: Props) {
  const styles = useStyles2(getStyles);
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.section}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    section: css({ marginBottom: theme.spacing(4) }),
    head: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0, 2),
      marginBottom: theme.spacing(1),
    }),
    title: css({ ...theme.typography.h4, margin: 0 }),
  };
}
