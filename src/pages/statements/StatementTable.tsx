import { TextLink } from '@grafana/ui';
import { type StatementList } from '../../api/types';
import { type Resource } from '../../api/useResource';
import { BudgetLeft } from '../../components/BudgetLeft';
import { StateBadge } from '../../components/StateBadge';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { termTitle } from '../../components/terms';
import { absent, groupWords, percent, sentence } from '../../components/words';
import { type Paths, usePaths } from '../../paths';
import { Frozen } from './Frozen';
import { type Period } from './periods';
import { type Figures, type Row } from './rows';

interface Props {
  caption: string;
  rows: Row[];
  period: Period;
  list: Resource<StatementList>;
}

/** One objective of an agreement; what is said of the agreement itself stands beside its first one. */
interface Line {
  row: Row;
  figures: Figures | undefined;
  first: boolean;
}

/** The figures of each objective, and beside its agreement whether they were frozen. */
export function StatementTable({ caption, rows, period, list }: Props) {
  const paths = usePaths();
  const lines = rows.flatMap((row): Line[] =>
    row.objectives.length > 0
      ? row.objectives.map((figures, index) => ({ row, figures, first: index === 0 }))
      : [{ row, figures: undefined, first: true }],
  );
  return (
    <Table
      caption={caption}
      columns={columns(paths, period, list)}
      rows={lines}
      rowKey={({ row, figures }) => JSON.stringify([row.agreement.name, figures?.name, figures?.group])}
    />
  );
}

function columns(paths: Paths, period: Period, list: Resource<StatementList>): Array<Column<Line>> {
  return [
    {
      id: 'agreement',
      label: 'Agreement',
      cell: ({ row, first }) =>
        first ? <TextLink href={paths.agreement(row.agreement.name)}>{row.title}</TextLink> : null,
    },
    { id: 'objective', label: termTitle('objective'), cell: ({ row, figures }) => figures && called(row, figures) },
    {
      id: 'state',
      label: termTitle('state'),
      aside: <Term name="state">{''}</Term>,
      cell: ({ figures }) => figures && <StateBadge state={figures.state} />,
    },
    { id: 'target', label: termTitle('target'), numeric: true, cell: ({ figures }) => percent(figures?.target) },
    {
      id: 'compliance',
      label: termTitle('compliance'),
      aside: <Term name="adjusted">{''}</Term>,
      numeric: true,
      cell: ({ figures }) => percent(figures?.compliance),
    },
    {
      id: 'raw',
      label: termTitle('raw'),
      aside: <Term name="raw">{''}</Term>,
      numeric: true,
      cell: ({ figures }) => percent(figures?.raw),
    },
    {
      id: 'budget',
      label: 'Budget left',
      cell: ({ figures }) => budget(figures),
    },
    ...(period.closed
      ? [
          {
            id: 'statement',
            label: 'Statement',
            cell: ({ row, first }: Line) => first && <Frozen row={row} period={period} list={list} />,
          },
        ]
      : []),
  ];
}

function budget(figures: Figures | undefined) {
  if (!figures) {
    return absent;
  }
  return figures.compliance === null ? sentence(figures.reason ?? '') || absent : <BudgetLeft objective={figures} />;
}

function called({ agreement }: Row, { name, group }: Figures): string {
  const title = agreement.objectives.find((objective) => objective.name === name)?.displayName || name;
  return [title, groupWords(group)].filter(Boolean).join(', ');
}
