import { type CellProps, type Column, LinkButton, Stack, Tab, TabsBar, Text, TextLink } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { type Tally, type TeamRow, type TeamRows } from '../../api/types';
import { useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { DataTable } from '../../components/DataTable';
import { Empty } from '../../components/Empty';
import { absent } from '../../components/figures';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Search } from '../../components/Search';
import { StateBadge } from '../../components/StateBadge';
import { Unmeasured } from '../../components/Unmeasured';
import { usePaths } from '../../paths';
import { Matrix } from './Matrix';

/** The teams with what they provide and consume; as a tab, who promises what to whom. */
export default function TeamsPage() {
  const paths = usePaths();
  const [search] = useSearchParams();
  const matrix = search.get('tab') === 'matrix';
  return (
    <Page
      actions={
        <LinkButton icon="plus" href={paths.documents(undefined, { new: 'Team' })}>
          New team
        </LinkButton>
      }
    >
      <Stack direction="column" gap={2}>
        <TabsBar>
          <Tab label="Teams" active={!matrix} href={paths.teams()} />
          <Tab label="Matrix" active={matrix} href={paths.teams({ tab: 'matrix' })} />
        </TabsBar>
        {matrix ? <Matrix /> : <Teams />}
      </Stack>
    </Page>
  );
}

function Teams() {
  const paths = usePaths();
  const [search] = useSearchParams();
  const list = useResource<TeamRows>(`pages/teams?${search}`, undefined, true);
  return (
    <Loaded resource={list}>
      {({ at, rows, total, pageSize, all, unmeasured }) =>
        all === 0 ? (
          <Empty
            title="There are no teams yet"
            action={
              <LinkButton icon="plus" href={paths.documents(undefined, { new: 'Team' })}>
                Create the first team
              </LinkButton>
            }
          >
            A team provides services to others, or consumes theirs. Agreements are between teams.
          </Empty>
        ) : (
          <Stack direction="column" gap={2}>
            <Unmeasured reasons={unmeasured} reload={list.reload} />
            <Stack alignItems="center" wrap="wrap">
              <Search label="Search teams" />
              <span role="status">
                <Text color="secondary">{`${total.toLocaleString()} of ${all.toLocaleString()}`}</Text>
              </span>
              <AsOf at={at} resource={list} />
            </Stack>
            {total === 0 ? (
              <Empty kind="not-found" title="No team has such a name">
                Search for fewer words.
              </Empty>
            ) : (
              <DataTable columns={columns} rows={rows} rowId={({ name }) => name} total={total} pageSize={pageSize} />
            )}
          </Stack>
        )
      }
    </Loaded>
  );
}

type Cell = CellProps<TeamRow>;

/** Sorted by the backend, whatever its type says to the table. */
const sorted = { sortType: 'string', sortDescFirst: false } as const;

const columns: Array<Column<TeamRow>> = [
  { id: 'name', header: 'Team', ...sorted, cell: ({ row }: Cell) => <TeamLink {...row.original} /> },
  { id: 'provides', header: 'Provides', ...sorted, cell: ({ row }: Cell) => <Tallied {...row.original.provides} /> },
  { id: 'consumes', header: 'Consumes', ...sorted, cell: ({ row }: Cell) => <Tallied {...row.original.consumes} /> },
];

function TeamLink({ name, displayName }: TeamRow) {
  const paths = usePaths();
  return (
    <TextLink href={paths.team(name)} color="primary" inline={false}>
      {displayName || name}
    </TextLink>
  );
}

/** How many agreements there are, and how the worst of them stands. */
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
