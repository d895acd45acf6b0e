import { LinkButton } from '@grafana/ui';
import { useParams } from 'react-router-dom';
import { type Catalog, type Report, type Team, type TeamList } from '../../api/types';
import { together, useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { ContactList } from '../../components/ContactList';
import { Empty } from '../../components/Empty';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Section } from '../../components/Section';
import { Unmeasured } from '../../components/Unmeasured';
import { usePaths } from '../../paths';
import { Upcoming } from './Upcoming';
import { PromiseTable } from './PromiseTable';
import { type Agreed, agreed } from './agreed';

/** One team: how to reach it, what it promises and is promised, and what is planned. */
export default function TeamPage() {
  const { name = '' } = useParams();
  const paths = usePaths();
  const catalog = useResource<Catalog>('catalog');
  const teams = useResource<TeamList>('teams');
  const status = useResource<Report>('status');
  const team = teams.value?.teams.find((one) => one.name === name);
  return (
    <Page
      pageNav={{
        text: team?.displayName || name,
        parentItem: { text: 'Teams', url: paths.teams() },
      }}
      actions={
        <>
          <AsOf at={status.value?.at} resource={status} />
          {team && (
            <LinkButton variant="secondary" icon="pen" href={paths.documents({ kind: 'Team', name })}>
              {'Edit in Workbench'}
            </LinkButton>
          )}
        </>
      }
    >
      <Loaded resource={together({ catalog, teams })}>
        {(all) =>
          team ? (
            <>
              <Unmeasured reasons={status.error ? [status.error.message] : []} reload={status.reload} />
              <TeamView
                team={team}
                teams={all.teams.teams}
                all={agreed(all.catalog.agreements, status.value)}
                report={status.value}
              />
            </>
          ) : (
            <NoSuchTeam name={name} />
          )
        }
      </Loaded>
    </Page>
  );
}

function NoSuchTeam({ name }: { name: string }) {
  const paths = usePaths();
  return (
    <Empty
      kind="not-found"
      title={`There is no team «${name}»`}
      action={
        <LinkButton variant="secondary" icon="arrow-left" href={paths.teams()}>
          {'All teams'}
        </LinkButton>
      }
    >
      {'It was renamed, or taken out of the documents.'}
    </Empty>
  );
}

interface Props {
  team: Team;
  teams: Team[];
  all: Agreed[];
  report: Report | undefined;
}

function TeamView({ team, teams, all, report }: Props) {
  const called = (name: string) => teams.find((one) => one.name === name)?.displayName || name;
  const provides = all.filter(({ provider }) => provider === team.name);
  const consumes = all.filter(({ consumers }) => consumers.includes(team.name));
  return (
    <>
      <People team={team} />
      <Section title={'What it promises'}>
        <PromiseTable
          caption={'What it promises'}
          promises={provides}
          report={report}
          none={'It promises nothing to anyone.'}
          parties={{ label: 'To', of: ({ consumers }) => consumers }}
          called={called}
        />
      </Section>
      <Section title={'What it was promised'}>
        <PromiseTable
          caption={'What it was promised'}
          promises={consumes}
          report={report}
          none={'Nobody promised it anything.'}
          parties={{ label: 'By', of: ({ provider }) => [provider] }}
          called={called}
        />
      </Section>
      <Upcoming team={team} agreements={[...provides, ...consumes]} />
    </>
  );
}

function People({ team }: { team: Team }) {
  return (
    <Section title={'People'}>
      {team.contacts.length > 0 ? (
        <ContactList contacts={team.contacts} />
      ) : (
        <p>{'No contact is written down: nobody can be told when a promise is in danger.'}</p>
      )}
      <p>
        {team.members.length > 0
          ? `Members, who sign and approve for it: ${team.members.join(', ')}`
          : 'No members are written down, so nobody can approve for it in Grafana.'}
      </p>
    </Section>
  );
}
