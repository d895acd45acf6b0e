import {
  Badge,
  type BadgeColor,
  Button,
  type CellProps,
  type Column,
  LinkButton,
  RadioButtonGroup,
  Stack,
  Text,
  TextLink,
} from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router-dom';
import { type ExclusionRow, type ExclusionRows } from '../../api/types';
import { useResource } from '../../api/useResource';
import { DataTable, withParams } from '../../components/DataTable';
import { Empty } from '../../components/Empty';
import { instant } from '../../components/figures';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Search } from '../../components/Search';
import { usePaths } from '../../paths';
import { ExclusionDrawer } from './ExclusionDrawer';
import { Propose } from './Propose';

const Timeline = lazy(() => import('./Timeline'));

/** Its place is kept while it comes, in pixels. */
const timelineHeight = 260;

/** Time that does not count: what is planned, runs and is past, and whether it was approved. */
export default function ExclusionsPage() {
  const [search, setSearch] = useSearchParams();
  const open = search.get('open');
  const close = () => setSearch((before) => withParams(before, { open: '', propose: '' }));
  // What is open is no filter of the table.
  const asked = withParams(search, { open: '', propose: '', page: search.get('page') ?? '' });
  const list = useResource<ExclusionRows>(`pages/exclusions?${asked}`, undefined, true);
  return (
    <Page
      subTitle="Planned and past time that does not count against a provider, once the other party has approved it."
      actions={
        <Button icon="plus" onClick={() => setSearch((before) => withParams(before, { propose: '1' }))}>
          Propose exclusion
        </Button>
      }
    >
      <Loaded resource={list}>
        {(value) => (
          <Stack direction="column" gap={2}>
            <Stack wrap="wrap" alignItems="center">
              <Search label="Search exclusions" />
              <Choices name="phase" label="Phase" all="All" choices={value.phases} />
              <Choices name="approval" label="Approval" all="Any" choices={value.approvals} />
            </Stack>
            <div style={{ height: timelineHeight, display: 'flex' }}>
              <Suspense fallback={null}>
                <Timeline search={asked.toString()} />
              </Suspense>
            </div>
            {value.total > 0 ? (
              <DataTable
                columns={columns}
                rows={value.rows}
                rowId={({ name }) => name}
                total={value.total}
                pageSize={value.pageSize}
                headerTooltips={headerTooltips}
              />
            ) : (
              <None all={value.all} />
            )}
          </Stack>
        )}
      </Loaded>
      {open && <ExclusionDrawer name={open} onClose={close} />}
      {search.has('propose') && <Propose onClose={close} />}
    </Page>
  );
}

function None({ all }: { all: number }) {
  const paths = usePaths();
  return all === 0 ? (
    <Empty
      title="There are no exclusions"
      action={
        <LinkButton icon="plus" href={paths.exclusions({ propose: '1' })}>
          Propose the first one
        </LinkButton>
      }
    >
      All time counts. Maintenance, or the fault of a third party, can be left out when both parties agree.
    </Empty>
  ) : (
    <Empty kind="not-found" title="No exclusion matches all of this">
      Remove a filter, or search for fewer words.
    </Empty>
  );
}

interface ChoicesProps {
  /** The parameter in the URL. */
  name: string;
  label: string;
  /** The word for no filter. */
  all: string;
  choices: ExclusionRows['phases'];
}

function Choices({ name, label, all, choices }: ChoicesProps) {
  const [search, setSearch] = useSearchParams();
  return (
    <RadioButtonGroup
      aria-label={label}
      options={[
        { value: '', label: all },
        ...choices.map(({ value, label, count }) => ({ value, label: `${label} (${count.toLocaleString()})` })),
      ]}
      value={search.get(name) ?? ''}
      onChange={(value) => setSearch((before) => withParams(before, { [name]: value }))}
    />
  );
}

type Cell = CellProps<ExclusionRow>;

/** Sorted by the backend, whatever its type says to the table. */
const sorted = { sortType: 'string', sortDescFirst: false } as const;

const columns: Array<Column<ExclusionRow>> = [
  { id: 'name', header: 'Exclusion', ...sorted, cell: ({ row }: Cell) => <Name row={row.original} /> },
  { id: 'phase', header: 'Phase', cell: ({ row }: Cell) => <Badge {...phases[row.original.phase]} /> },
  { id: 'approval', header: 'Approval', ...sorted, cell: ({ row }: Cell) => <Approval row={row.original} /> },
  { id: 'when', header: 'When', ...sorted, cell: ({ row }: Cell) => <When row={row.original} /> },
  { id: 'agreements', header: 'Agreements', cell: ({ row }: Cell) => <Agreements row={row.original} /> },
];

const headerTooltips = {
  approval: { content: 'An exclusion has an effect once a party that did not request it has approved it.' },
  when: { content: 'The occurrence that runs, comes next, or was last.' },
};

const phases: Record<ExclusionRow['phase'], { text: string; color: BadgeColor }> = {
  running: { text: 'Running', color: 'blue' },
  planned: { text: 'Planned', color: 'purple' },
  past: { text: 'Past', color: 'darkgrey' },
};

const approvals = {
  approved: { text: 'Approved', icon: 'check-circle', color: 'green' },
  partly: { text: 'Approved for some', icon: 'adjust-circle', color: 'orange' },
  proposed: { text: 'Proposed', icon: 'question-circle', color: 'orange' },
  unused: { text: 'Concerns nothing', icon: 'minus-circle', color: 'darkgrey' },
} as const;

/** Whether an exclusion is approved, and who can. */
export function Approval({
  row: { approval, approvalText },
}: {
  row: Pick<ExclusionRow, 'approval' | 'approvalText'>;
}) {
  return (
    <>
      <Badge {...approvals[approval]} />
      <Text element="p" variant="bodySmall" color="secondary">
        {approvalText}
      </Text>
    </>
  );
}

function Name({ row: { name, displayName, reason } }: { row: ExclusionRow }) {
  const [search] = useSearchParams();
  const paths = usePaths();
  return (
    <>
      <TextLink href={paths.exclusions({ ...Object.fromEntries(search), open: name })} color="primary" inline={false}>
        {displayName || name}
      </TextLink>
      {reason && (
        <Text element="p" variant="bodySmall" color="secondary">
          {reason}
        </Text>
      )}
    </>
  );
}

function When({ row: { from, to, repeats } }: { row: ExclusionRow }) {
  return (
    <>
      {`${instant(from)} – ${instant(to)}`}
      {repeats && (
        <Text element="p" variant="bodySmall" color="secondary">
          {`Repeats: ${repeats}`}
        </Text>
      )}
    </>
  );
}

function Agreements({ row: { agreements, moreAgreements } }: { row: ExclusionRow }) {
  const paths = usePaths();
  return (
    <Stack direction="column" gap={0}>
      {agreements.map(({ name, displayName }) => (
        <TextLink key={name} href={paths.agreement(name)} inline={false}>
          {displayName || name}
        </TextLink>
      ))}
      {moreAgreements > 0 && `and ${moreAgreements.toLocaleString()} more`}
    </Stack>
  );
}
