import { Badge, LinkButton, TextLink } from '@grafana/ui';
import { Fragment, useMemo } from 'react';
import { type Calendar, type CalendarExclusion, type Team } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Loaded } from '../../components/Loaded';
import { LoadingPage } from '../../components/LoadingPage';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { instant } from '../../components/words';
import { type Paths, usePaths } from '../../paths';
import { type Agreed } from './agreed';

/** How far ahead is looked. */
const days = 90;

interface Props {
  team: Team;
  agreements: Agreed[];
}

/** What of the next months does not count for the team's agreements, and what waits for its approval. */
export function Upcoming({ team, agreements }: Props) {
  const paths = usePaths();
  // From the day on which the page was opened, so that a later look asks the same.
  const range = useMemo(() => {
    const from = new Date();
    from.setUTCHours(0, 0, 0, 0);
    return { from: from.toISOString(), to: new Date(from.getTime() + days * 86_400_000).toISOString() };
  }, []);
  const calendar = useResource<Calendar>('calendar', range);
  const title = 'What will not count';
  return (
    <Section
      title={<Term name="exclusion">{title}</Term>}
      aside={
        <LinkButton variant="secondary" size="sm" fill="text" icon="calendar-alt" href={paths.exclusions()}>
          {'Calendar'}
        </LinkButton>
      }
    >
      <Loaded resource={calendar} loading={<LoadingPage lines={3} />}>
        {({ exclusions }) => {
          const rows = concerning(exclusions, agreements);
          return rows.length > 0 ? (
            <Table caption={title} columns={columns(team, agreements, paths)} rows={rows} rowKey={(one) => one.name} />
          ) : (
            <p>{`In the next ${days} days everything counts.`}</p>
          );
        }}
      </Loaded>
    </Section>
  );
}

/** The exclusions about one of the agreements, in the order in which they come. */
function concerning(exclusions: CalendarExclusion[], agreements: Agreed[]): CalendarExclusion[] {
  const names = new Set(agreements.map(({ name }) => name));
  return exclusions
    .filter(({ concerns, occurrences }) => occurrences.length > 0 && concerns.some((one) => names.has(one.agreement)))
    .sort((a, b) => a.occurrences[0].from.localeCompare(b.occurrences[0].from));
}

function columns(team: Team, agreements: Agreed[], paths: Paths): Array<Column<CalendarExclusion>> {
  const known = new Map(agreements.map((one) => [one.name, one.title]));
  const own = ({ concerns }: CalendarExclusion) => concerns.filter(({ agreement }) => known.has(agreement));
  return [
    {
      id: 'exclusion',
      label: 'Exclusion',
      cell: ({ name, displayName, reason }) => (
        <>
          <strong>{displayName || name}</strong>
          <br />
          {reason}
        </>
      ),
    },
    { id: 'when', label: 'Next', cell: next },
    {
      id: 'agreements',
      label: 'Agreements',
      cell: (exclusion) =>
        own(exclusion).map(({ agreement }) => (
          <Fragment key={agreement}>
            <TextLink href={paths.agreement(agreement)}>{known.get(agreement)!}</TextLink>
            <br />
          </Fragment>
        )),
    },
    {
      id: 'effect',
      label: 'In effect',
      cell: (exclusion) => effect(exclusion, own(exclusion), team),
    },
  ];
}

function next({ occurrences, timeZone }: CalendarExclusion) {
  const [{ from, to }, ...more] = occurrences;
  const values = { from: instant(from, timeZone), to: instant(to, timeZone), timeZone };
  return (
    <>
      {`${values.from} – ${values.to} (${values.timeZone})`}
      {more.length > 0 && (
        <>
          <br />
          {`and ${more.length} times more in ${days} days`}
        </>
      )}
    </>
  );
}

function effect({ approvers }: CalendarExclusion, concerns: CalendarExclusion['concerns'], { name }: Team) {
  if (concerns.every(({ hasEffect }) => hasEffect)) {
    return <Badge color="green" icon="check" text={'Yes'} />;
  }
  return approvers.includes(name) ? (
    <Badge color="orange" icon="clock-nine" text={'Waits for its approval'} />
  ) : (
    <Badge color="blue" icon="times" text={concerns.some(({ hasEffect }) => hasEffect) ? 'Not in all of them' : 'No'} />
  );
}
