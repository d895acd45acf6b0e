import { Badge } from '@grafana/ui';
import { type Agreement } from '../../api/types';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { instant } from '../../components/words';
import { type Called } from './promise';

type Applied = Agreement['exclusions'][number];

/** Time that was agreed, or asked, not to count. */
export function Exclusions({ agreement, called }: { agreement: Agreement; called: Called }) {
  if (agreement.exclusions.length === 0) {
    return null;
  }
  return (
    <Section title={<Term name="exclusion">{'What does not count'}</Term>}>
      <Table
        caption={'What does not count'}
        columns={columns(called)}
        rows={agreement.exclusions}
        rowKey={({ name }) => name}
      />
    </Section>
  );
}

function columns(called: Called): Array<Column<Applied>> {
  return [
    {
      id: 'name',
      label: 'Exclusion',
      cell: ({ name, displayName, reason }) => (
        <>
          <strong>{displayName || name}</strong>
          <br />
          {reason}
        </>
      ),
    },
    { id: 'when', label: 'When', cell: when },
    {
      id: 'mode',
      label: 'Counts as',
      cell: ({ mode }) => (mode === 'good' ? 'good' : 'nothing'),
    },
    {
      id: 'approved',
      label: 'Approved by',
      cell: ({ approvedBy }) => (approvedBy ? called(approvedBy) : 'nobody yet'),
    },
    {
      id: 'effect',
      label: 'In effect here',
      cell: ({ hasEffect }) =>
        hasEffect ? <Badge color="green" icon="check" text={'Yes'} /> : <Badge color="blue" icon="times" text={'No'} />,
    },
  ];
}

function when({ from, to, recurrence, timeZone }: Applied) {
  const values = { from: instant(from, timeZone), to: instant(to, timeZone), timeZone };
  return (
    <>
      {recurrence
        ? `First ${values.from} – ${values.to} (${values.timeZone}), then again:`
        : `${values.from} – ${values.to} (${values.timeZone})`}
      {recurrence && (
        <>
          <br />
          <code>{recurrence}</code>
        </>
      )}
    </>
  );
}
