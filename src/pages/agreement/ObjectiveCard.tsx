import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useId } from 'react';
import { type Agreement, type ObjectiveStatus } from '../../api/types';
import { BudgetLeft } from '../../components/BudgetLeft';
import { StateBadge } from '../../components/StateBadge';
import { Term } from '../../components/Term';
import { groupWords, lengthWords, numberOf, reason } from '../../components/words';
import { Figures } from './Figures';
import { HowComputed } from './HowComputed';
import { targetAt } from './promise';
import { lastDay } from './when';

interface Props {
  agreement: Agreement;
  status: ObjectiveStatus;
}

/** One objective, or one group of it: how it stands, why, and what is left. */
export function ObjectiveCard({ agreement, status }: Props) {
  const styles = useStyles2(getStyles);
  const id = useId();
  const objective = agreement.objectives.find(({ name }) => name === status.name);
  const group = groupWords(status.group);
  return (
    <article className={styles.card} aria-labelledby={id}>
      <div className={styles.head}>
        <h3 id={id} className={styles.title}>
          {objective?.displayName || status.name}
          {group && <span className={styles.group}> {group}</span>}
        </h3>
        <StateBadge state={status.state} />
      </div>
      <p className={styles.reason}>{reason(status)}</p>
      {numberOf(status.remaining) !== undefined && (
        <div className={styles.budget}>
          <div className={styles.label}>
            <Term name="budget">{budgetLabel(status, agreement.timeZone)}</Term>
          </div>
          <BudgetLeft objective={status} />
        </div>
      )}
      <Figures status={status} target={objective && targetAt(objective, new Date(status.to))} />
      {status.remarks.map((remark) => (
        <p key={remark} className={styles.note}>
          {remark}
        </p>
      ))}
      <HowComputed status={status} objective={objective} timeZone={agreement.timeZone} />
    </article>
  );
}

/** «left until 30 November 2026», or of a window that moves on: «left, of the last 28 days». */
function budgetLabel({ from, window }: ObjectiveStatus, timeZone: string): string {
  const day = lastDay(from, window, timeZone);
  return day ? `Error budget left until ${day}` : `Error budget left, of the last ${lengthWords(window)}`;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    card: css({
      padding: theme.spacing(2),
      background: theme.colors.background.secondary,
      borderRadius: theme.shape.radius.default,
      minWidth: 0,
    }),
    head: css({ display: 'flex', justifyContent: 'space-between', alignItems: 'start', gap: theme.spacing(1) }),
    title: css({ ...theme.typography.h5, margin: 0 }),
    group: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
    reason: css({ margin: theme.spacing(0.5, 0, 1.5), color: theme.colors.text.secondary }),
    budget: css({
      marginBottom: theme.spacing(1.5),
      // The bar is as wide as the card: it is the figure that people come for.
      '& > span': { display: 'block' },
    }),
    label: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
    note: css({ margin: theme.spacing(1, 0, 0), color: theme.colors.text.secondary }),
  };
}
