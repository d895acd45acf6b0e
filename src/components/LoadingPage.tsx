import { css, cx, keyframes } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

interface Props {
  /** How many lines stand where the content will be. */
  lines?: number;
  /** How many boxes stand above them. */
  tiles?: number;
}

/** Stands where a page will be, in about its shape, so that nothing jumps when it comes. */
export function LoadingPage({ lines = 8, tiles = 0 }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <div role="status" aria-label={'Loading …'}>
      {tiles > 0 && (
        <div className={styles.tiles}>
          {Array.from({ length: tiles }, (_, i) => (
            <div key={i} className={cx(styles.bone, styles.tile)} />
          ))}
        </div>
      )}
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} className={cx(styles.bone, styles.line)} />
      ))}
    </div>
  );
}

const breathe = keyframes({ '50%': { opacity: 0.5 } });

function getStyles(theme: GrafanaTheme2) {
  return {
    bone: css({
      background: theme.colors.background.secondary,
      borderRadius: theme.shape.radius.default,
      [theme.transitions.handleMotion('no-preference')]: { animation: `${breathe} 1.5s ease-in-out infinite` },
    }),
    tiles: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fit, minmax(140px, 1fr))',
      gap: theme.spacing(2),
      marginBottom: theme.spacing(3),
    }),
    tile: css({ height: theme.spacing(11) }),
    line: css({ height: theme.spacing(5), marginBottom: theme.spacing(1) }),
  };
}
