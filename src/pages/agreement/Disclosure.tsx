import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type ReactNode } from 'react';

interface Props {
  label: string;
  children: ReactNode;
}

/** What is there for those who ask for it. */
export function Disclosure({ label, children }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <details className={styles.whole}>
      <summary className={styles.label}>{label}</summary>
      <div className={styles.content}>{children}</div>
    </details>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    whole: css({ marginTop: theme.spacing(1) }),
    label: css({
      display: 'list-item',
      width: 'fit-content',
      padding: theme.spacing(0.5, 0),
      color: theme.colors.text.link,
      cursor: 'pointer',
      '&:hover': { textDecoration: 'underline' },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
    }),
    content: css({ paddingTop: theme.spacing(1) }),
  };
}
