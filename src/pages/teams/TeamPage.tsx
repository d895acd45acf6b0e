import { type CellProps, type Column, LinkButton, Stack, Text, TextLink } from '@grafana/ui';
import { useParams } from 'react-router-dom';
import { segment } from '../../api/client';
import { type AgreementRow, type TeamPage as Team } from '../../api/types';
import { useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { ContactList } from '../../components/ContactList';
import { DataTable } from '../../components/DataTable';
import { day } from '../../components/figures';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Unmeasured } from '../../components/Unmeasured';
import { usePaths } from '../../paths';
import { columns, headerTooltips } from '../agreements/columns';
import { Tallied } from './TeamsPage';

/** One team: what waits for it, what it provides and consumes, and how to reach it. */
export default function TeamPage() {
  const { name = '' } = useParams();
  const paths = usePaths();
  const team = useResource<Team>(`pages/teams/${segment(name)}`);
  return (
    <Page
      pageNav={{ text: team.value?.displayName || name, parentItem: { text: 'Teams', url: paths.teams() } }}
      actions={
        team.value && (
          <>
            <AsOf at={team.value.at} resource={team} />
            <LinkButton variant="secondary" icon="pen" href={paths.documents({ kind: 'Team', name })}>
              Edit
            </LinkButton>
          </>
        )
      }
    >
      <Loaded resource={team}>
        {(value) => (
          <Stack direction="column" gap={3}>
            <Unmeasured reasons={value.unmeasured} reload={team.reload} />
            <Dues dues={value.dues} />
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
            <People team={value} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

type Due = Team['dues'][number];

const dueColumns: Array<Column<Due>> = [
  { id: 'what', header: 'What', cell: ({ row }: CellProps<Due>) => <DueLink due={row.original} /> },
  { id: 'text', header: 'To do', cell: ({ row }: CellProps<Due>) => row.original.text },
  {
    id: 'at',
    header: 'When',
    cell: ({ row: { original } }: CellProps<Due>) => (original.at ? day(original.at) : 'Now'),
  },
];

function Dues({ dues }: Pick<Team, 'dues'>) {
  return (
    <section>
      <Text element="h2" variant="h4">
        To do
      </Text>
      {dues.length === 0 ? (
        <p>No review, signature or approval waits for this team in the next 90 days.</p>
      ) : (
        <DataTable columns={dueColumns} rows={dues} rowId={({ kind, name, text }) => `${kind} ${name} ${text}`} />
      )}
    </section>
  );
}

function DueLink({ due: { kind, name, displayName } }: { due: Due }) {
  const paths = usePaths();
  return (
    <TextLink
      href={kind === 'Exclusion' ? paths.exclusions({ open: name }) : paths.agreement(name, 'contract')}
      color="primary"
      inline={false}
    >
      {displayName || name}
    </TextLink>
  );
}

const shown = columns().filter(({ id }) => id !== 'trend');
// One table of several on a page has no sort of its own in the URL.
const unsorted = shown.map((column) => ({ ...column, sortType: undefined }));

interface AgreementsProps {
  title: string;
  none: string;
  rows: AgreementRow[];
  tally: Team['providesTally'];
  /** The address of all of them. */
  all: string;
}

function Agreements({ title, none, rows, tally, all }: AgreementsProps) {
  return (
    <section>
      <Stack alignItems="center" wrap="wrap">
        <Text element="h2" variant="h4">
          {title}
        </Text>
        {rows.length > 0 && <Tallied {...tally} />}
        {rows.length < tally.count && (
          <TextLink href={all}>{`All ${tally.count.toLocaleString()} agreements`}</TextLink>
        )}
      </Stack>
      {rows.length === 0 ? (
        <p>{none}</p>
      ) : (
        <DataTable columns={unsorted} rows={rows} rowId={({ key }) => key} headerTooltips={headerTooltips} />
      )}
    </section>
  );
}

function People({ team: { contacts, members } }: { team: Team }) {
  return (
    <section>
      <Text element="h2" variant="h4">
        People
      </Text>
      {contacts.length > 0 ? (
        <ContactList contacts={contacts} />
      ) : (
        <p>There are no contacts: nobody is notified when a promise is at risk.</p>
      )}
      <p>
        {members.length > 0
          ? `Members, who sign and approve for it: ${members.join(', ')}`
          : 'There are no members: nobody can approve for it in Grafana.'}
      </p>
    </section>
  );
}
