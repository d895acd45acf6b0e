import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Badge, Stack, TextLink, useStyles2 } from '@grafana/ui';
import { type Agreement, type Team } from '../../api/types';
import { ContactList } from '../../components/ContactList';
import { Section } from '../../components/Section';
import { date, duration, lengthWords } from '../../components/words';
import { usePaths } from '../../paths';
import { type Fact, Facts } from './Facts';
import { type Called } from './promise';

interface Props {
  agreement: Agreement;
  teams: Team[];
  called: Called;
}

/** Who agreed, whom to turn to, and when they look at it again. */
export function Parties({ agreement, teams, called }: Props) {
  const styles = useStyles2(getStyles);
  const names = [agreement.provider, ...agreement.consumers].filter((name) => name !== undefined);
  return (
    <Section title={'People'}>
      <Facts facts={dates(agreement)} />
      <h3 className={styles.next}>{'Contacts'}</h3>
      <div className={styles.contacts}>
        {names.map((name) => (
          <Contacts key={name} name={name} called={called} team={teams.find((team) => team.name === name)} />
        ))}
      </div>
      <div className={styles.columns}>
        {agreement.escalation.length > 0 && (
          <div>
            <h3 className={styles.title}>{'Escalation'}</h3>
            <ol className={styles.list}>
              {agreement.escalation.map((step) => (
                <li key={`${step.afterSeconds} ${step.notify}`}>{escalation(step, called)}</li>
              ))}
            </ol>
          </div>
        )}
        <div>
          <h3 className={styles.title}>{'Signatures'}</h3>
          <Signatures agreement={agreement} called={called} />
        </div>
      </div>
    </Section>
  );
}

function dates({ review, timeZone }: Agreement): Fact[] {
  const overdue = review.due && Date.parse(review.due) < Date.now();
  return [
    {
      id: 'due',
      label: 'Next review',
      value: review.due && (
        <Stack gap={1} wrap="wrap">
          {date(review.due, timeZone)}
          {overdue && <Badge color="orange" icon="exclamation-triangle" text={'Overdue'} />}
        </Stack>
      ),
    },
    {
      id: 'last',
      label: 'Last review',
      value: review.last && date(review.last, timeZone),
    },
    {
      id: 'every',
      label: 'Reviewed every',
      value: review.every && lengthWords(review.every),
    },
  ];
}

function escalation({ afterSeconds, notify }: Agreement['escalation'][number], called: Called): string {
  const values = { who: called(notify), after: duration(afterSeconds) };
  return afterSeconds === 0 ? `${values.who}, at once` : `${values.who}, after ${values.after}`;
}

function Contacts({ name, team, called }: { name: string; team?: Team; called: Called }) {
  const paths = usePaths();
  return (
    <div>
      <div>
        <TextLink href={paths.team(name)}>{called(name)}</TextLink>
      </div>
      <ContactList contacts={team?.contacts ?? []} />
    </div>
  );
}

function Signatures({ agreement, called }: { agreement: Agreement; called: Called }) {
  const styles = useStyles2(getStyles);
  if (agreement.signatures.length === 0) {
    return <p className={styles.kind}>{'Nobody has signed.'}</p>;
  }
  const unsigned = [agreement.provider, ...agreement.consumers].filter(
    (party) => party !== undefined && !agreement.signatures.some(({ team }) => team === party),
  ) as string[];
  return (
    <ul className={styles.list}>
      {agreement.signatures.map(({ team, name, on }) => (
        <li key={`${team} ${name}`}>
          {name} ({called(team)}){on && <span className={styles.kind}>, {date(on, agreement.timeZone)}</span>}
        </li>
      ))}
      {unsigned.map((team) => (
        <li key={team} className={styles.kind}>
          {`${called(team)} has not signed`}
        </li>
      ))}
    </ul>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    columns: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 260px), 1fr))',
      gap: theme.spacing(2),
      marginTop: theme.spacing(2),
    }),
    contacts: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 240px), 1fr))',
      gap: theme.spacing(0, 2),
    }),
    title: css({ ...theme.typography.h5 }),
    next: css({ ...theme.typography.h5, marginTop: theme.spacing(2) }),
    list: css({ margin: theme.spacing(0, 0, 1, 2.5) }),
    kind: css({ color: theme.colors.text.secondary }),
  };
}
