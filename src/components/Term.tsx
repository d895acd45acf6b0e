import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, Toggletip, useStyles2 } from '@grafana/ui';
import { type ReactNode } from 'react';
import { explanation, type TermName, termTitle } from './terms';

interface Props {
  /** The term that is explained. */
  name: TermName;
  /** How it reads where it stands; the term itself by default. */
  children?: ReactNode;
}

/** A term with a short explanation, opened by mouse or keyboard. */
export function Term({ name, children }: Props) {
  const styles = useStyles2(getStyles);
  const title = termTitle(name);
  return (
    <span className={styles.whole}>
      {children ?? title}
      <Toggletip title={title} content={<p className={styles.text}>{explanation(name)}</p>}>
        <button type="button" className={styles.button} aria-label={`What is meant by: ${title}`}>
          <Icon name="info-circle" size="sm" aria-hidden />
        </button>
      </Toggletip>
    </span>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    whole: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.25) }),
    text: css({ margin: 0, maxWidth: '44ch' }),
    button: css({
      // Large enough to be hit with a finger.
      minWidth: 24,
      minHeight: 24,
      padding: 0,
      border: 'none',
      background: 'none',
      color: theme.colors.text.secondary,
      lineHeight: 1,
      borderRadius: theme.shape.radius.default,
      '&:hover': { color: theme.colors.text.primary },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 1 },
    }),
  };
}
