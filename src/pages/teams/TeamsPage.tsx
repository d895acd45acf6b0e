import { EmptyState, LinkButton, Stack, Tab, TabsBar, Text } from '@grafana/ui';
import { type ReactNode } from 'react';
import { useSearchParams } from 'react-router-dom';
import { type Matrix as Pairs, type Tally, type TeamRow, type TeamRows } from '../../api/types';
import { type Resource, useList } from '../../api/useResource';
import { column, DataTable } from '../../components/DataTable';
import { absent } from '../../components/figures';
import { Search } from '../../components/Filters';
import { Loaded } from '../../components/Loaded';
import { TeamLink } from '../../components/Named';
import { Page } from '../../components/Page';
import { StateBadge } from '../../components/StateBadge';
import { usePaths } from '../../paths';
import { Matrix } from './Matrix';

/** The teams with what they provide and consume, and the matrix as a tab. */
export default function TeamsPage() {
  return useSearchParams()[0].get('tab') === 'matrix' ? <MatrixTab /> : <TeamsTab />;
}

function MatrixTab() {
  const list = useList<Pairs>('pages/matrix');
  return (
    <Tabs list={list} active="matrix">
      {(matrix) => <Matrix matrix={matrix} />}
    </Tabs>
  );
}

function TeamsTab() {
  const list = useList<TeamRows>('pages/teams');
  return (
    <Tabs list={list} active="teams">
      {(teams) =>
        teams.all === 0 ? (
          <EmptyState
            role="status"
            variant="call-to-action"
            message="There are no teams yet"
            button={<NewTeam>Create the first team</NewTeam>}
          >
            A team provides services to others, or consumes theirs. Agreements are between teams.
          </EmptyState>
        ) : (
          <>
            <Stack alignItems="center" wrap="wrap">
              <Search label="Search teams" />
              <span role="status">
                <Text color="secondary">{`${teams.total.toLocaleString()} of ${teams.all.toLocaleString()}`}</Text>
              </span>
            </Stack>
            <DataTable columns={columns} list={teams} rowId={({ name }) => name} none="No team has such a name" />
          </>
        )
      }
    </Tabs>
  );
}

interface TabsProps<T> {
  list: Resource<T>;
  active: 'teams' | 'matrix';
  children: (value: T) => ReactNode;
}

function Tabs<T extends { at: string }>({ list, active, children }: TabsProps<T>) {
  const paths = usePaths();
  return (
    <Page asOf={list} actions={<NewTeam>New team</NewTeam>}>
      <Stack direction="column" gap={2}>
        <TabsBar>
          <Tab label="Teams" active={active === 'teams'} href={paths.teams()} />
          <Tab label="Matrix" active={active === 'matrix'} href={paths.teams({ tab: 'matrix' })} />
        </TabsBar>
        <Loaded resource={list}>{children}</Loaded>
      </Stack>
    </Page>
  );
}

function NewTeam({ children }: { children: string }) {
  const paths = usePaths();
  return (
    <LinkButton icon="plus" href={paths.documents(undefined, { new: 'Team' })}>
      {children}
    </LinkButton>
  );
}

const columns = [
  column<TeamRow>('name', 'Team', (team) => <TeamLink team={team} color="primary" inline={false} />, true),
  column<TeamRow>('provides', 'Provides', ({ provides }) => <Tallied {...provides} />, true),
  column<TeamRow>('consumes', 'Consumes', ({ consumes }) => <Tallied {...consumes} />, true),
];

/** A number of agreements, and their worst state. */
export function Tallied({ count, worst, text }: Tally) {
  return count === 0 ? (
    absent
  ) : (
    <Stack alignItems="center" wrap="wrap">
      {worst && <StateBadge state={worst} />}
      <Text color="secondary">{text}</Text>
    </Stack>
  );
}
