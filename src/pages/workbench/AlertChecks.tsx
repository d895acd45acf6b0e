import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import { type AlertCheck, type Unit } from '../../api/types';
import { Term } from '../../components/Term';
import { counted, duration, rate, share } from '../../components/words';

/** What the burn-rate alerts of an objective can do: whether they can fire, how soon, and what keeps them from it. */
export function AlertChecks({ checks, unit }: { checks: AlertCheck[]; unit: Unit }) {
  const styles = useStyles2(getStyles);
  if (checks.length === 0) {
    return null;
  }
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption>{'What its alerts can do'}</caption>
        <thead>
          <tr>
            <th scope="col">{'Alert'}</th>
            <th scope="col">
              <Term name="burnRate">{'Fires above'}</Term>
            </th>
            <th scope="col">{'Everything bad'}</th>
            <th scope="col">{'1 % bad'}</th>
            <th scope="col">{'Needs in an average window'}</th>
            <th scope="col">{'Verdict'}</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={`${check.severity} ${check.long} ${check.short}`}>
              <td>{`${check.severity}, ${check.long} / ${check.short}`}</td>
              <td>{rate(check.factor)}</td>
              <td>{detected(check.fullOutage)}</td>
              <td>{detected(check.onePercent)}</td>
              <td>{check.badToFire === null ? 'not known' : `${counted(check.badToFire, unit)} bad`}</td>
              <td className={styles.verdict}>
                {check.problems.length === 0 ? (
                  <span>
                    <Icon name="check-circle" aria-hidden className={styles.good} /> {'Does its work'}
                  </span>
                ) : (
                  check.problems.map((problem) => (
                    <div key={problem}>
                      <Icon name="exclamation-triangle" aria-hidden className={styles.bad} /> {problem}
                    </div>
                  ))
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function detected({ afterSeconds, consumed }: AlertCheck['fullOutage']): string {
  return afterSeconds === null
    ? 'never found'
    : `found after ${duration(afterSeconds)}, ${share(consumed)} of the budget gone`;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    scroll: css({ overflowX: 'auto' }),
    table: css({
      marginTop: theme.spacing(1),
      fontVariantNumeric: 'tabular-nums',
      '& caption': { captionSide: 'top', color: theme.colors.text.primary, padding: 0 },
      '& th, & td': { padding: theme.spacing(0.25, 2, 0.25, 0), textAlign: 'left', verticalAlign: 'top' },
      '& th': { fontWeight: theme.typography.fontWeightRegular, color: theme.colors.text.secondary },
    }),
    verdict: css({ minWidth: 180 }),
    good: css({ color: theme.colors.success.text }),
    bad: css({ color: theme.colors.warning.text }),
  };
}
