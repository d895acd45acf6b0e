import { Badge, type Column, Combobox, FilterInput, Stack, Text, TextLink } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { segment } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type Choice, type Finding, type Findings } from '../../api/types';
import { useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { DataTable, withParams } from '../../components/DataTable';
import { DocumentTabs } from '../../components/DocumentTabs';
import { Empty } from '../../components/Empty';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { type Paths, usePaths } from '../../paths';
import { Facts } from './Facts';

/** Everything that wants mending, by severity, and the facts of the connection. */
export default function FindingsPage() {
  const [search] = useSearchParams();
  const findings = useResource<Findings>(`pages/findings?${search}`, undefined, true);
  return (
    <Page actions={<AsOf at={findings.value?.at} resource={findings} />}>
      <Stack direction="column" gap={2}>
        <DocumentTabs active="findings" />
        <Loaded resource={findings}>
          {(value) => (
            <>
              <Filters findings={value} />
              {value.total > 0 ? (
                <DataTable
                  columns={columns}
                  rows={value.rows}
                  rowId={(row) => JSON.stringify(row)}
                  total={value.total}
                  pageSize={value.pageSize}
                />
              ) : (
                <Nothing filtered={['search', 'severity', 'kind'].some((name) => search.has(name))} />
              )}
              <Facts findings={value} reload={findings.reload} />
            </>
          )}
        </Loaded>
      </Stack>
    </Page>
  );
}

function Filters({ findings: { severities, kinds } }: { findings: Findings }) {
  const [search, setSearch] = useSearchParams();
  const set = (name: string, value: string, replace = false) =>
    setSearch((before) => withParams(before, { [name]: value }), { replace });
  const filter = (name: string, label: string, choices: Choice[]) => (
    <Combobox
      aria-label={label}
      placeholder={label}
      isClearable
      width={24}
      options={choices.map((choice) => ({ value: choice.value, label: `${choice.label} (${choice.count})` }))}
      value={search.get(name)}
      onChange={(option) => set(name, option?.value ?? '')}
    />
  );
  return (
    <Stack wrap="wrap" gap={1}>
      <FilterInput
        width={32}
        placeholder="Search findings"
        aria-label="Search findings"
        value={search.get('search') ?? ''}
        onChange={(text) => set('search', text, true)}
      />
      {filter('severity', 'Severity', severities)}
      {filter('kind', 'Kind', kinds)}
    </Stack>
  );
}

const severities = {
  error: { text: 'Error', color: 'red', icon: 'times-circle' },
  warning: { text: 'Warning', color: 'orange', icon: 'exclamation-triangle' },
  info: { text: 'Info', color: 'blue', icon: 'info-circle' },
} as const;

const columns: Array<Column<Finding>> = [
  {
    id: 'severity',
    header: 'Severity',
    sortType: 'string',
    cell: ({ row }) => <Badge {...severities[row.original.severity]} />,
  },
  { id: 'kind', header: 'Kind', sortType: 'string', cell: ({ row }) => row.original.kind },
  { id: 'where', header: 'Where', sortType: 'string', cell: ({ row }) => <Where where={row.original.where} /> },
  {
    id: 'text',
    header: 'What is wrong, and what to do',
    cell: ({ row: { original } }) => (
      <Stack direction="column" gap={0}>
        {original.text}
        <Text variant="bodySmall" color="secondary">
          {original.mend}
        </Text>
      </Stack>
    ),
  },
];

function Where({ where }: { where: Finding['where'] }) {
  const paths = usePaths();
  const { uid } = useDataSource();
  const href = addressOf(where, paths, uid);
  return href ? <TextLink href={href}>{where.text}</TextLink> : where.text;
}

function addressOf({ page, kind = '', name = '' }: Finding['where'], paths: Paths, uid: string): string | undefined {
  switch (page) {
    case 'document':
      return paths.documents({ kind, name });
    case 'agreement':
      return paths.agreement(name);
    case 'team':
      return paths.team(name);
    case 'settings':
      return `/connections/datasources/edit/${segment(uid)}`;
    default:
      return undefined;
  }
}

const Nothing = ({ filtered }: { filtered: boolean }) =>
  filtered ? (
    <Empty kind="not-found" title="Nothing is like that">
      Remove a filter, or search for fewer words.
    </Empty>
  ) : (
    <Empty kind="done" title="Nothing wants mending">
      Documents, queries, alerts, promises, reviews and owners are in order.
    </Empty>
  );
