import { css, cx } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

interface Props {
  /** A unified diff without its head, or with it. */
  patch: string;
  /** What is compared, for screen readers. */
  label: string;
}

/** The lines of a unified diff; what is added and taken out is told by its sign too. */
export function Lines({ patch, label }: Props) {
  const styles = useStyles2(getStyles);
  return (
    // Long texts scroll, also by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className={styles.whole} role="region" aria-label={label} tabIndex={0}>
      {patch.split('\n').map((line, i) => (
        <span
          key={i}
          className={cx(
            styles.line,
            line.startsWith('+') && styles.added,
            line.startsWith('-') && styles.removed,
            line.startsWith('@@') && styles.place,
          )}
        >
          {line || ' '}
        </span>
      ))}
    </pre>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    whole: css({
      maxHeight: '50vh',
      margin: theme.spacing(1, 0),
      padding: theme.spacing(1),
      overflow: 'auto',
      fontSize: theme.typography.bodySmall.fontSize,
    }),
    line: css({ display: 'block', whiteSpace: 'pre-wrap' }),
    added: css({ background: theme.colors.success.transparent, color: theme.colors.success.text }),
    removed: css({ background: theme.colors.error.transparent, color: theme.colors.error.text }),
    place: css({ color: theme.colors.text.secondary }),
  };
}
