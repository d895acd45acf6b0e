import { TextLink } from '@grafana/ui';
import { BudgetLeft } from '../../components/BudgetLeft';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { absent, instant, numberOf, rate } from '../../components/words';
import { plural, t } from '../../locales/t';
import { usePaths } from '../../paths';
import { objectiveTitle, type AgreementRow } from '../agreements/agreementRow';
import { burning, type Burning } from './attention';

const shown = 10;

/** What uses its error budget up just now faster than it lasts. */
export function BurningNow({ agreementRows }: { agreementRows: AgreementRow[] }) {
  const paths = usePaths();
  const all = burning(agreementRows);
  const more = all.length - shown;
  const title = t('overview.burning', 'What burns now');
  return (
    <Section title={title} aside={<Term name="burnRate">{''}</Term>}>
      {all.length === 0 ? (
        <p>{t('overview.nothing-burns', 'Nothing: over the last hour no error budget went faster than it lasts.')}</p>
      ) : (
        <Table
          caption={title}
          columns={columns()}
          rows={all.slice(0, shown)}
          rowKey={({ agreementRow, objective }) =>
            JSON.stringify([agreementRow.summary.name, objective.name, objective.group])
          }
        />
      )}
      {more > 0 && (
        <TextLink href={paths.agreements({ stage: 'active', sort: '-burn' })} inline={false}>
          {plural('overview.more', more, 'And {{amount}} more', 'And {{amount}} more')}
        </TextLink>
      )}
    </Section>
  );
}

function columns(): Array<Column<Burning>> {
  const burn = (window: string): Column<Burning> => ({
    id: `burn-${window}`,
    label: t('overview.burn', 'Burn rate {{window}}', { window }),
    numeric: true,
    cell: ({ objective }) => rate(objective.burn?.[window]),
  });
  return [
    {
      id: 'agreement',
      label: t('overview.agreement', 'Agreement'),
      cell: ({ agreementRow }) => <Name of={agreementRow} />,
    },
    {
      id: 'objective',
      label: t('overview.objective', 'Objective'),
      cell: ({ agreementRow, objective }) => objectiveTitle(agreementRow, objective),
    },
    burn('1h'),
    burn('6h'),
    burn('3d'),
    {
      id: 'budget',
      label: t('overview.budget', 'Budget left'),
      cell: ({ objective }) => <BudgetLeft objective={objective} />,
    },
    {
      id: 'spent',
      label: t('overview.spent', 'Spent by'),
      cell: ({ objective: { exhaustion, remaining } }) =>
        !exhaustion
          ? absent
          : (numberOf(remaining) ?? 0) < 0
            ? t('overview.spent-since', 'since {{at}}', { at: instant(exhaustion) })
            : instant(exhaustion),
    },
  ];
}

function Name({ of: { summary, title } }: { of: AgreementRow }) {
  const paths = usePaths();
  return (
    <TextLink href={paths.agreement(summary.name)} color="primary">
      {title}
    </TextLink>
  );
}
