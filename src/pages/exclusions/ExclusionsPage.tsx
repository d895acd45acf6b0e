import { Badge, type BadgeColor, Button, EmptyState, LinkButton, RadioButtonGroup, Stack, TextLink } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router-dom';
import { dataSourceParam } from '../../api/DataSource';
import { type ExclusionRow, type ExclusionRows } from '../../api/types';
import { useResource } from '../../api/useResource';
import { column, DataTable } from '../../components/DataTable';
import { instant } from '../../components/figures';
import { Search } from '../../components/Filters';
import { Loaded } from '../../components/Loaded';
import { AgreementLink, titleOf } from '../../components/Named';
import { Page } from '../../components/Page';
import { Small } from '../../components/Section';
import { setParams, usePaths, withParams } from '../../paths';
import { ExclusionDrawer } from './ExclusionDrawer';
import { Propose } from './Propose';

const Timeline = lazy(() => import('./Timeline'));

/** The height in pixels, reserved while the timeline loads. */
const timelineHeight = 260;

/** Time that does not count: planned, running and past exclusions, and whether they are approved. */
export default function ExclusionsPage() {
  const [search] = useSearchParams();
  const paths = usePaths();
  const open = search.get('open');
  const of = [...search.getAll('agreement'), ...search.getAll('team')].join(', ');
  // The drawers are beside the table, which stays at its page.
  const page = search.get('page') ?? '';
  const close = () => setParams({ open: '', propose: '', page });
  // The data source, the open drawers and the timeline's range are not filters of the table.
  const none = { [dataSourceParam]: '', open: '', propose: '', from: '', to: '', timezone: '' };
  const asked = withParams(search, none);
  const list = useResource<ExclusionRows>(`pages/exclusions?${asked}`, true);
  return (
    <Page
      subTitle="Planned and past time that does not count against a provider, once the other party has approved it."
      actions={
        <Button icon="plus" onClick={() => setParams({ propose: '1', page })}>
          Propose exclusion
        </Button>
      }
    >
      <Loaded resource={list}>
        {(value) => (
          <>
            <Stack wrap="wrap" alignItems="center">
              <Search label="Search exclusions" />
              <Choices name="phase" label="Phase" all="All" choices={value.phases} />
              <Choices name="approval" label="Approval" all="Any" choices={value.approvals} />
              {of && (
                <Button fill="text" icon="times" onClick={() => setParams({ agreement: '', team: '' })}>
                  {`Clear filter: ${of}`}
                </Button>
              )}
            </Stack>
            <div style={{ height: timelineHeight, display: 'flex' }}>
              <Suspense fallback={null}>
                <Timeline search={asked} />
              </Suspense>
            </div>
            {value.all > 0 ? (
              <DataTable
                columns={columns}
                list={value}
                rowId={({ name }) => name}
                none="No exclusion matches all of this"
                tooltips={tooltips}
              />
            ) : (
              <EmptyState
                role="status"
                variant="call-to-action"
                message="There are no exclusions"
                button={
                  <LinkButton icon="plus" href={paths.exclusions({ propose: '1' })}>
                    Propose the first one
                  </LinkButton>
                }
              >
                All time counts. Maintenance, or the fault of a third party, can be left out when both parties agree.
              </EmptyState>
            )}
          </>
        )}
      </Loaded>
      {open && <ExclusionDrawer key={open} name={open} onClose={close} />}
      {search.has('propose') && <Propose permission={list.value} onClose={close} />}
    </Page>
  );
}

interface ChoicesProps {
  /** The parameter in the URL. */
  name: string;
  label: string;
  /** The label of no filter. */
  all: string;
  choices: ExclusionRows['phases'];
}

function Choices({ name, label, all, choices }: ChoicesProps) {
  const [search] = useSearchParams();
  return (
    <RadioButtonGroup
      aria-label={label}
      options={[
        { value: '', label: all },
        ...choices.map(({ value, label, count }) => ({ value, label: `${label} (${count.toLocaleString()})` })),
      ]}
      value={search.get(name) ?? ''}
      onChange={(value) => setParams({ [name]: value })}
    />
  );
}

const columns = [
  column<ExclusionRow>('name', 'Exclusion', (row) => <Name row={row} />, true),
  column<ExclusionRow>('phase', 'Phase', ({ phase }) => <Badge {...phases[phase]} />),
  column<ExclusionRow>('approval', 'Approval', (row) => <Approval row={row} />, true),
  column<ExclusionRow>('when', 'When', (row) => <When row={row} />, true),
  column<ExclusionRow>('agreements', 'Agreements', ({ agreements, moreAgreements }) => (
    <Stack direction="column" gap={0}>
      {agreements.map((one) => (
        <AgreementLink key={one.name} agreement={one} inline={false} />
      ))}
      {moreAgreements > 0 && `and ${moreAgreements.toLocaleString()} more`}
    </Stack>
  )),
];

const tooltips = {
  approval: 'An exclusion has an effect once a party that did not request it has approved it.',
  when: 'The occurrence that runs, comes next, or was last.',
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
export function Approval({ row }: { row: Pick<ExclusionRow, 'approval' | 'approvalText'> }) {
  return (
    <>
      <Badge {...approvals[row.approval]} />
      <Small>{row.approvalText}</Small>
    </>
  );
}

function Name({ row }: { row: ExclusionRow }) {
  const [search] = useSearchParams();
  const paths = usePaths();
  const href = paths.exclusions({ open: row.name }, search);
  return (
    <>
      <TextLink href={href} color="primary" inline={false}>
        {titleOf(row)}
      </TextLink>
      {row.reason && <Small>{row.reason}</Small>}
    </>
  );
}

function When({ row: { from, to, repeats } }: { row: ExclusionRow }) {
  return (
    <>
      {`${instant(from)} – ${instant(to)}`}
      {repeats && <Small>{`Repeats: ${repeats}`}</Small>}
    </>
  );
}
