import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { type Choice } from '../../api/types';
import { withParams } from '../../components/DataTable';

/** How many agreements are in the states that matter; a tile shows these alone, or all again. */
export function Tiles({ tiles }: { tiles: Choice[] }) {
  const styles = useStyles2(getStyles);
  const { colors } = useTheme2();
  const [search, setSearch] = useSearchParams();
  const color: Record<string, string> = {
    breached: colors.error.text,
    at_risk: colors.warning.text,
    firing: colors.error.text,
    met: colors.success.text,
  };
  return (
    <div role="group" aria-label="Agreements by state" className={styles.tiles}>
      {tiles.map(({ value, label, count }) => {
        const pressed = search.get('state') === value;
        return (
          <button
            key={value}
            type="button"
            aria-pressed={pressed}
            className={styles.tile}
            onClick={() => setSearch((before) => withParams(before, { state: pressed ? '' : value }))}
          >
            <span className={styles.count} style={count > 0 ? { color: color[value] } : undefined}>
              {count.toLocaleString()}
            </span>{' '}
            {label}
          </button>
        );
      })}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    tiles: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fit, minmax(110px, 1fr))',
      gap: theme.spacing(1),
    }),
    tile: css({
      padding: theme.spacing(1, 2),
      textAlign: 'left',
      color: theme.colors.text.secondary,
      background: theme.colors.background.secondary,
      border: '1px solid transparent',
      borderRadius: theme.shape.radius.default,
      '&:hover': { background: theme.colors.emphasize(theme.colors.background.secondary, 0.05) },
      '&[aria-pressed="true"]': { borderColor: theme.colors.primary.border, color: theme.colors.text.primary },
    }),
    count: css({
      display: 'block',
      color: theme.colors.text.primary,
      fontSize: theme.typography.h3.fontSize,
      fontVariantNumeric: 'tabular-nums',
    }),
  };
}
