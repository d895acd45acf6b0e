import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type State } from '../../api/types';
import { stateColors } from '../../components/StateBadge';
import { absent, share } from '../../components/words';
import { type BurnDown, drawn } from './burnDown';
import { burnDownDays } from './useBurnDowns';

interface Props {
  /** null where it could not be measured, undefined while it is awaited. */
  line: BurnDown | null | undefined;
  state: State;
}

const width = 120;
const height = 28;

/** The error budget over time in a cell of a table, with a dashed line where it is spent. */
export function Sparkline({ line, state }: Props) {
  const styles = useStyles2(getStyles, state);
  if (line === undefined) {
    return <span className={styles.box} aria-busy />;
  }
  const known = line?.left.filter((value) => value !== null) ?? [];
  if (!line || known.length < 2) {
    return <span className={styles.box}>{absent}</span>;
  }
  const { path, spentAt } = drawn(line, width, height);
  return (
    <svg
      className={styles.box}
      viewBox={`0 -1 ${width} ${height + 2}`}
      role="img"
      aria-label={`Error budget left, from ${share(known[0])} to ${share(known.at(-1))} in ${burnDownDays} days`}
    >
      <line x1="0" x2={width} y1={spentAt} y2={spentAt} className={styles.spent} />
      <path d={path} className={styles.line} />
    </svg>
  );
}

function getStyles(theme: GrafanaTheme2, state: State) {
  return {
    // Its room is kept while it is awaited.
    box: css({ display: 'inline-block', width, height: height + 2, verticalAlign: 'middle' }),
    line: css({ fill: 'none', stroke: stateColors(theme, state).fill, strokeWidth: 1.5, strokeLinejoin: 'round' }),
    spent: css({ stroke: theme.colors.text.secondary, strokeWidth: 1, strokeDasharray: '2 3' }),
  };
}
