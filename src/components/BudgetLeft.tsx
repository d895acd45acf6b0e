import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type ObjectiveStatus } from '../api/types';
import { stateColors } from './StateBadge';
import { absent, budgetLeft, numberOf, share } from './words';

interface Props {
  objective: Pick<ObjectiveStatus, 'allowed' | 'bad' | 'remaining' | 'unit' | 'state'>;
}

/** How much of the error budget is left: a bar, with the number beside it that it stands for. */
export function BudgetLeft({ objective }: Props) {
  const styles = useStyles2(getStyles, objective.state);
  const left = numberOf(objective.remaining);
  if (left === undefined) {
    return <span>{absent}</span>;
  }
  return (
    <span className={styles.whole}>
      <span className={styles.bar} aria-hidden>
        <span className={styles.filled} style={{ width: `${100 * Math.min(1, Math.max(0, left))}%` }} />
      </span>
      <span className={styles.text}>{budgetLeft(objective)}</span>{' '}
      <span className={styles.share}>({share(objective.remaining)})</span>
    </span>
  );
}

function getStyles(theme: GrafanaTheme2, state: ObjectiveStatus['state']) {
  const colors = stateColors(theme, state);
  return {
    whole: css({ display: 'inline-block', minWidth: theme.spacing(18), fontVariantNumeric: 'tabular-nums' }),
    bar: css({
      display: 'block',
      height: theme.spacing(0.75),
      marginBottom: theme.spacing(0.25),
      borderRadius: theme.shape.radius.pill,
      // An overspent budget is an empty bar with a border of its state's colour.
      boxShadow: `inset 0 0 0 1px ${state === 'breached' ? colors.border : theme.colors.border.medium}`,
      overflow: 'hidden',
    }),
    filled: css({ display: 'block', height: '100%', background: colors.fill }),
    text: css({ whiteSpace: 'nowrap' }),
    share: css({ color: theme.colors.text.secondary, whiteSpace: 'nowrap' }),
  };
}
