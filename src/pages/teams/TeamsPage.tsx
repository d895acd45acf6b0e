import { LinkButton, TextLink } from '@grafana/ui';
import { type Catalog, type Report, type Team, type TeamList } from '../../api/types';
import { together, useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { Empty } from '../../components/Empty';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { Unmeasured } from '../../components/Unmeasured';
import { type Paths, usePaths } from '../../paths';
import { MatrixTable } from './MatrixTable';
import { matrix, type Agreed, agreed } from './agreed';
import { Tally } from './Tally';

/** The teams: what each promises and is promised, and between whom. */
export default function TeamsPage() {
  const catalog = useResource<Catalog>('catalog');
  const teams = useResource<TeamList>('teams');
  const status = useResource<Report>('status');
  return (
    <Page actions={<AsOf at={status.value?.at} resource={status} />}>
      <Loaded resource={together({ catalog, teams })}>
        {(all) =>
          all.teams.teams.length === 0 ? (
            <NoTeams />
          ) : (
            <>
              <Unmeasured reasons={status.error ? [status.error.message] : []} reload={status.reload} />
              <Teams teams={all.teams.teams} all={agreed(all.catalog.agreements, status.value)} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function NoTeams() {
  const paths = usePaths();
  return (
    <Empty
      title={'There are no teams yet'}
      action={
        <LinkButton href={paths.documents()} icon="plus">
          {'Write the first one'}
        </LinkButton>
      }
    >
      {'An agreement is between teams: who provides, and who consumes. Each is a short document.'}
    </Empty>
  );
}

function Teams({ teams, all }: { teams: Team[]; all: Agreed[] }) {
  const paths = usePaths();
  const title = 'What each provides and consumes';
  return (
    <>
      <Section title={title}>
        <Table caption={title} columns={columns(all, paths)} rows={teams} rowKey={({ name }) => name} />
      </Section>
      {all.length > 0 && (
        <Section title={'Who promises what to whom'}>
          <MatrixTable matrix={matrix(teams, all)} />
        </Section>
      )}
    </>
  );
}

function columns(all: Agreed[], paths: Paths): Array<Column<Team>> {
  return [
    {
      id: 'team',
      label: 'Team',
      cell: ({ name, displayName }) => <TextLink href={paths.team(name)}>{displayName || name}</TextLink>,
    },
    {
      id: 'provides',
      label: 'Provides',
      aside: <Term name="provider">{''}</Term>,
      cell: ({ name }) => <Tally promises={all.filter(({ provider }) => provider === name)} />,
    },
    {
      id: 'consumes',
      label: 'Consumes',
      aside: <Term name="consumer">{''}</Term>,
      cell: ({ name }) => <Tally promises={all.filter(({ consumers }) => consumers.includes(name))} />,
    },
  ];
}
