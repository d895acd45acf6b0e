import { LinkButton, Stack, TextLink } from '@grafana/ui';
import { useParams } from 'react-router-dom';
import { segment } from '../../api/client';
import { type AgreementRow, type TeamPage as Team } from '../../api/types';
import { useResource } from '../../api/useResource';
import { ContactList } from '../../components/ContactList';
import { column, DataTable } from '../../components/DataTable';
import { day } from '../../components/figures';
import { Loaded } from '../../components/Loaded';
import { titleOf } from '../../components/Named';
import { Page } from '../../components/Page';
import { Section } from '../../components/Section';
import { usePaths } from '../../paths';
import { columns, tooltips } from '../agreements/columns';
import { Tallied } from './TeamsPage';

/** One team: its tasks, what it provides and consumes, and its contacts. */
export default function TeamPage() {
  const { name = '' } = useParams();
  const paths = usePaths();
  const team = useResource<Team>(`pages/teams/${segment(name)}`);
  return (
    <Page
      pageNav={{ text: titleOf(team.value ?? { name }), parentItem: { text: 'Teams', url: paths.teams() } }}
      asOf={team}
      actions={
        team.value && (
          <LinkButton variant="secondary" icon="pen" href={paths.documents({ kind: 'Team', name })}>
            Edit
          </LinkButton>
        )
      }
    >
      <Loaded resource={team}>
        {(value) => (
          <>
            <Section title="To do">
              {value.dues.length === 0 ? (
                <p>No review, signature or approval waits for this team in the next 90 days.</p>
              ) : (
                <DataTable
                  columns={dueColumns}
                  list={{ rows: value.dues }}
                  rowId={({ kind, name, text }) => `${kind} ${name} ${text}`}
                />
              )}
            </Section>
            <Agreements
              title="Provides"
              none="It provides nothing to other teams."
              rows={value.provides}
              tally={value.providesTally}
              all={paths.agreements({ provider: name })}
            />
            <Agreements
              title="Consumes"
              none="It consumes nothing of other teams."
              rows={value.consumes}
              tally={value.consumesTally}
              all={paths.agreements({ consumer: name })}
            />
            <Section title="People">
              {value.contacts.length > 0 ? (
                <ContactList contacts={value.contacts} />
              ) : (
                <p>There are no contacts: nobody is notified when a promise is at risk.</p>
              )}
              <p>
                {value.members.length > 0
                  ? `Members, who sign and approve for it: ${value.members.join(', ')}`
                  : 'There are no members: nobody can approve for it in Grafana.'}
              </p>
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

type Due = Team['dues'][number];

const dueColumns = [
  column<Due>('what', 'What', (due) => <DueLink due={due} />),
  column<Due>('text', 'To do', ({ text }) => text),
  column<Due>('at', 'When', ({ at, timeZone }) => (
    <span style={{ whiteSpace: 'nowrap' }}>{at ? day(at, timeZone) : 'Now'}</span>
  )),
];

function DueLink({ due }: { due: Due }) {
  const paths = usePaths();
  const { kind, name } = due;
  const href = kind === 'Exclusion' ? paths.exclusions({ open: name }) : paths.agreement(due, 'contract');
  return (
    <TextLink href={href} color="primary" inline={false}>
      {titleOf(due)}
    </TextLink>
  );
}

const unsorted = columns.filter(({ id }) => id !== 'trend').map((one) => ({ ...one, sortType: undefined }));

interface AgreementsProps {
  title: string;
  none: string;
  rows: AgreementRow[];
  tally: Team['providesTally'];
  /** The address of the list of all. */
  all: string;
}

function Agreements({ title, none, rows, tally, all }: AgreementsProps) {
  return (
    <Section title={title}>
      <Stack alignItems="center" wrap="wrap">
        {rows.length > 0 && <Tallied {...tally} />}
        {rows.length < tally.count && (
          <TextLink href={all}>{`All ${tally.count.toLocaleString()} agreements`}</TextLink>
        )}
      </Stack>
      {rows.length === 0 ? (
        <p>{none}</p>
      ) : (
        <DataTable columns={unsorted} list={{ rows }} rowId={({ key }) => key} tooltips={tooltips} />
      )}
    </Section>
  );
}
