import { Badge } from '@grafana/ui';
import { type Agreement } from '../../api/types';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { instant } from '../../components/words';
import { t } from '../../locales/t';
import { type Called } from './promise';

type Applied = Agreement['exclusions'][number];

/** Time that was agreed, or asked, not to count. */
export function Exclusions({ agreement, called }: { agreement: Agreement; called: Called }) {
  if (agreement.exclusions.length === 0) {
    return null;
  }
  return (
    <Section title={<Term name="exclusion">{t('agreement.exclusions', 'What does not count')}</Term>}>
      <Table
        caption={t('agreement.exclusions', 'What does not count')}
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
      label: t('agreement.exclusion.name', 'Exclusion'),
      cell: ({ name, displayName, reason }) => (
        <>
          <strong>{displayName || name}</strong>
          <br />
          {reason}
        </>
      ),
    },
    { id: 'when', label: t('agreement.exclusion.when', 'When'), cell: when },
    {
      id: 'mode',
      label: t('agreement.exclusion.mode', 'Counts as'),
      cell: ({ mode }) =>
        mode === 'good' ? t('agreement.exclusion.good', 'good') : t('agreement.exclusion.nothing', 'nothing'),
    },
    {
      id: 'approved',
      label: t('agreement.exclusion.approved', 'Approved by'),
      cell: ({ approvedBy }) => (approvedBy ? called(approvedBy) : t('agreement.exclusion.nobody', 'nobody yet')),
    },
    {
      id: 'effect',
      label: t('agreement.exclusion.effect', 'In effect here'),
      cell: ({ hasEffect }) =>
        hasEffect ? (
          <Badge color="green" icon="check" text={t('agreement.exclusion.yes', 'Yes')} />
        ) : (
          <Badge color="blue" icon="times" text={t('agreement.exclusion.no', 'No')} />
        ),
    },
  ];
}

function when({ from, to, recurrence, timeZone }: Applied) {
  const values = { from: instant(from, timeZone), to: instant(to, timeZone), timeZone };
  return (
    <>
      {recurrence
        ? t('agreement.exclusion.first', 'First {{from}} – {{to}} ({{timeZone}}), then again:', values)
        : t('agreement.exclusion.once', '{{from}} – {{to}} ({{timeZone}})', values)}
      {recurrence && (
        <>
          <br />
          <code>{recurrence}</code>
        </>
      )}
    </>
  );
}
