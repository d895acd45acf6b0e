import { Badge, type Column, InteractiveTable, Stack, Text, TextLink, Tooltip } from '@grafana/ui';
import { useMemo } from 'react';
import { type Named, type PeriodFigures, type PeriodRow, type PeriodStatements } from '../../api/types';
import { DataTable } from '../../components/DataTable';
import { figure, instant } from '../../components/figures';
import { StateBadge } from '../../components/StateBadge';
import { usePaths } from '../../paths';
import { Freeze } from './Freeze';
import { StatementMenu } from './StatementMenu';

const headerTooltips = {
  compliance: {
    content:
      'Good of all that counts, by support hours and exclusions; then the target. Of the objective that is worst.',
  },
  raw: { content: 'The same with all of the period counted: as frozen, where a statement was frozen.' },
  remaining: { content: 'The error budget that is left; negative when it is overspent.' },
  coverage: { content: 'How much of the time that counts was measured.' },
};

/** The agreements of a period, each by its worst objective; opened, by all of them. */
export function StatementsTable({ period }: { period: PeriodStatements }) {
  const columns = useMemo(
    (): Array<Column<PeriodRow>> => [
      { id: 'agreement', header: 'Agreement', sortType: 'string', cell: ({ row }) => <Agreement row={row.original} /> },
      {
        id: 'state',
        header: 'State',
        sortType: 'string',
        cell: ({ row }) => <StateBadge state={row.original.state} />,
      },
      ...figureColumns(({ objectives }: PeriodRow) => objectives[0] as PeriodFigures | undefined),
      {
        id: 'statement',
        header: 'Statement',
        sortType: 'string',
        cell: ({ row }) => <Statement row={row.original} period={period} />,
      },
    ],
    [period],
  );
  return (
    <DataTable
      columns={columns}
      rows={period.rows}
      rowId={({ agreement }) => agreement.name}
      total={period.total}
      pageSize={period.pageSize}
      headerTooltips={headerTooltips}
      expanded={({ objectives }) => (
        <InteractiveTable columns={objectiveColumns} data={objectives} getRowId={({ objective }) => objective} />
      )}
    />
  );
}

/** The figures of an objective, or of that which a row is shown by. */
function figureColumns<Row extends object>(of: (row: Row) => PeriodFigures | undefined): Array<Column<Row>> {
  const columns: Array<[id: string, header: string, text: (figures: PeriodFigures) => string]> = [
    [
      'compliance',
      'Compliance / target',
      ({ compliance, target }) => `${figure(compliance, 'ratio')} / ${figure(target, 'ratio')}`,
    ],
    ['raw', 'Raw', ({ raw }) => figure(raw, 'ratio')],
    ['remaining', 'Budget left', ({ remaining }) => figure(remaining, 'ratio')],
    ['coverage', 'Measured', ({ coverage }) => figure(coverage, 'ratio')],
  ];
  return columns.map(([id, header, text]) => ({
    id,
    header,
    sortType: id === 'coverage' ? undefined : 'number',
    cell: ({ row }) => {
      const figures = of(row.original);
      return figures ? text(figures) : figure(null, 'ratio');
    },
  }));
}

const objectiveColumns: Array<Column<PeriodFigures>> = [
  { id: 'objective', header: 'Objective', cell: ({ row }) => row.original.objective },
  { id: 'state', header: 'State', cell: ({ row }) => <StateBadge state={row.original.state} /> },
  ...figureColumns((figures: PeriodFigures) => figures).map((column) => ({ ...column, sortType: undefined })),
  {
    id: 'bad',
    header: 'Bad / allowed',
    cell: ({ row: { original } }) =>
      `${figure(original.bad, original.unit)} / ${figure(original.allowed, original.unit)}`,
  },
  { id: 'reason', header: 'Reason', cell: ({ row }) => row.original.reason },
];

const title = ({ name, displayName }: Named) => displayName ?? name;

function Agreement({ row: { agreement, gone, provider, consumers } }: { row: PeriodRow }) {
  const paths = usePaths();
  return (
    <Stack direction="column" gap={0}>
      {gone ? title(agreement) : <TextLink href={paths.agreement(agreement.name)}>{title(agreement)}</TextLink>}
      <Text variant="bodySmall" color="secondary">
        {`${title(provider)} → ${consumers.map(title).join(', ')}`}
      </Text>
    </Stack>
  );
}

/** The statement of a row; without one how to freeze it, or why it cannot be. */
function Statement({ row, period }: { row: PeriodRow; period: PeriodStatements }) {
  const { statement, reason, open, objectives } = row;
  if (statement && !statement.error) {
    return (
      <Stack gap={1} alignItems="center">
        <Tooltip content={`${statement.digest} ${statement.replaces?.reason ?? ''}`}>
          <span>
            <Badge
              color="blue"
              icon="lock"
              text={`${statement.replaces ? 'Restated' : 'Frozen'} ${instant(statement.frozenAt)}`}
            />
          </span>
        </Tooltip>
        <Text variant="bodySmall" color="secondary">
          {statement.frozenBy}
        </Text>
        <StatementMenu statement={statement} mayFreeze={period.mayFreeze} />
      </Stack>
    );
  }
  if (open && period.mayFreeze) {
    return <Freeze period={period} agreement={row.agreement} />;
  }
  return (
    <Text variant="bodySmall" color="secondary">
      {reason || objectives[0]?.reason || 'Not frozen'}
    </Text>
  );
}
