import { css } from '@emotion/css';
import { dateTimeForTimeZone, type GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { type Effect, type ObjectiveStatus, type Preview } from '../../api/types';
import { BudgetLeft } from '../../components/BudgetLeft';
import { StateBadge } from '../../components/StateBadge';
import { Term } from '../../components/Term';
import { absent, instant, percent } from '../../components/words';
import { plural } from '../../components/words';
import { usePaths } from '../../paths';
import { type Difference, differences } from './difference';

/** What a change would have meant for each agreement that it concerns, before and after side by side. */
export function PreviewFigures({ preview }: { preview: Preview }) {
  const styles = useStyles2(getStyles);
  if (preview.agreements.length === 0) {
    return <p>{'No agreement is measured differently because of this text.'}</p>;
  }
  return (
    <>
      <p className={styles.at}>
        {plural(
          preview.agreements.length,
          '1 agreement concerned',
          `${preview.agreements.length} agreements concerned`,
        )}
        {' · '}
        {`as of ${instant(preview.at)}, as if it had been in force all the time`}
      </p>
      {preview.agreements.map((effect) => (
        <OneEffect key={`${effect.kind}/${effect.name}`} effect={effect} />
      ))}
      {preview.more.length > 0 && (
        <p>
          {plural(
            preview.more.length,
            `One more is concerned: ${preview.more.join(', ')}.`,
            `${preview.more.length} more are concerned: ${preview.more.join(', ')}.`,
          )}
        </p>
      )}
    </>
  );
}

function OneEffect({ effect }: { effect: Effect }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  return (
    <section className={styles.effect} aria-label={effect.name}>
      <h3 className={styles.name}>
        {effect.before ? (
          <TextLink href={paths.agreement(effect.name)} inline={false}>
            {effect.name}
          </TextLink>
        ) : (
          effect.name
        )}
      </h3>
      {changedFirst(differences(effect)).map((one) => (
        <OneDifference key={`${one.objective} ${one.group}`} difference={one} isNew={!effect.before} />
      ))}
    </section>
  );
}

/** What stays as it is comes last; it is said, and needs no figures. */
function changedFirst(all: Difference[]): Difference[] {
  return [...all.filter((one) => one.changes), ...all.filter((one) => !one.changes)];
}

function OneDifference({ difference, isNew }: { difference: Difference; isNew: boolean }) {
  const styles = useStyles2(getStyles);
  const { objective, group, before, after, months, words, changes } = difference;
  return (
    <div className={styles.objective}>
      <h4 className={styles.title}>
        {objective}
        {group && <span className={styles.at}> {group}</span>}
      </h4>
      <p>{words.join(' ')}</p>
      {changes && (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <caption className="sr-only">{`${objective} before and after`}</caption>
            <thead>
              <tr>
                <td />
                {!isNew && <th scope="col">{'Before'}</th>}
                <th scope="col">{'After'}</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">{'Last 90 days'}</th>
                {!isNew && <Side of={before} full />}
                <Side of={after} full />
              </tr>
              {months.map((month) => (
                <tr key={month.period}>
                  <th scope="row">{periodWords(month.period)}</th>
                  {!isNew && <Side of={month.before} />}
                  <Side of={month.after} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function Side({ of, full = false }: { of?: ObjectiveStatus; full?: boolean }) {
  const styles = useStyles2(getStyles);
  if (!of) {
    return <td>{absent}</td>;
  }
  return (
    <td>
      <div className={styles.side}>
        <StateBadge state={of.state} />
        <span>{percent(of.compliance)}</span>
        {full && (
          <span className={styles.at}>
            <Term name="target">{`Target ${percent(of.target)}`}</Term>
          </span>
        )}
      </div>
      <BudgetLeft objective={of} />
    </td>
  );
}

/** A month as it is called: «Oct 2026»; another period as it is written. */
function periodWords(period: string): string {
  return /^\d{4}-\d{2}$/.test(period) ? dateTimeForTimeZone('utc', `${period}-15`).format('MMM YYYY') : period;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    at: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
    effect: css({
      marginBottom: theme.spacing(2),
      padding: theme.spacing(2),
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
    }),
    name: css({ ...theme.typography.h5, margin: 0 }),
    objective: css({ marginTop: theme.spacing(2) }),
    title: css({ ...theme.typography.h6, margin: theme.spacing(0, 0, 0.5) }),
    scroll: css({ overflowX: 'auto' }),
    table: css({
      '& th, & td': { padding: theme.spacing(0.5, 2, 0.5, 0), textAlign: 'left', verticalAlign: 'top' },
      '& th': {
        fontWeight: theme.typography.fontWeightRegular,
        color: theme.colors.text.secondary,
        whiteSpace: 'nowrap',
      },
    }),
    side: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(0, 1),
      fontVariantNumeric: 'tabular-nums',
    }),
  };
}
