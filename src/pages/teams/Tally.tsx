import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import { type State } from '../../api/types';
import { icons, stateColors } from '../../components/StateBadge';
import { absent, stateWord } from '../../components/words';
import { count, plural } from '../../components/words';
import { type Agreed, tally } from './agreed';

/** How many agreements there are, and how many stand how. */
export function Tally({ promises }: { promises: Agreed[] }) {
  const styles = useStyles2(getStyles);
  if (promises.length === 0) {
    return <span>{absent}</span>;
  }
  const idle = promises.filter(({ stage }) => stage !== 'active').length;
  return (
    <span className={styles.whole}>
      <span>{plural(promises.length, '1 agreement', `${count(promises.length)} agreements`)}</span>
      {tally(promises).map(({ state, count }) => (
        <span key={state} className={styles.count}>
          <StateIcon state={state} /> {count} {stateWord(state)}
        </span>
      ))}
      {idle > 0 && <span className={styles.count}>{`${idle} not in force`}</span>}
    </span>
  );
}

/** The icon of a state in its colour; its word has to stand beside it. */
export function StateIcon({ state }: { state: State }) {
  const theme = useTheme2();
  return <Icon name={icons[state]} aria-hidden style={{ color: stateColors(theme, state).text }} />;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    whole: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0, 1.5) }),
    count: css({ whiteSpace: 'nowrap', color: theme.colors.text.secondary }),
  };
}
