import { Badge, type Column, Stack, Tooltip } from '@grafana/ui';
import { useMemo } from 'react';
import { type Named, type PeriodFigures, type PeriodRow, type PeriodStatements } from '../../api/types';
import { TwoLines } from '../../components/Clamped';
import { column, DataTable } from '../../components/DataTable';
import { absent, figure, instant } from '../../components/figures';
import { AgreementLink, titleOf } from '../../components/Named';
import { Small } from '../../components/Section';
import { StateBadge } from '../../components/StateBadge';
import { Freeze } from './Freeze';
import { StatementMenu } from './StatementMenu';

const tooltips = {
  compliance:
    'Good of all that counts, by support hours and exclusions; then the target. Of the objective that is worst.',
  raw: 'The same with all of the period counted: as frozen, where a statement was frozen.',
  remaining: 'The error budget that is left; negative when it is overspent.',
  coverage: 'How much of the time that counts was measured.',
};

/** The agreements of a period, each by its worst objective; an expanded row has all of them. */
export function StatementsTable({ period }: { period: PeriodStatements }) {
  const { name, displayName, mayFreeze } = period;
  // New columns would close the dialogs that are open in the table.
  const columns = useMemo(
    (): Array<Column<PeriodRow>> => [
      column('agreement', 'Agreement', (row) => <Agreement row={row} />, true),
      column('state', 'State', ({ state }) => <StateBadge state={state} />, true),
      ...figureColumns(({ objectives }: PeriodRow) => objectives[0], true),
      column(
        'statement',
        'Statement',
        (row) => <Statement row={row} period={{ name, displayName }} mayFreeze={mayFreeze} />,
        true,
      ),
    ],
    [name, displayName, mayFreeze],
  );
  return (
    <DataTable
      columns={columns}
      list={period}
      rowId={({ agreement }) => agreement.name}
      none="No agreement is like that"
      tooltips={tooltips}
      expanded={({ objectives, moreObjectives }) => (
        <>
          <DataTable columns={objectiveColumns} list={{ rows: objectives }} rowId={(_, place) => String(place)} />
          {moreObjectives > 0 && (
            <Small>{`and ${moreObjectives.toLocaleString()} more objectives and groups, which CSV has`}</Small>
          )}
        </>
      )}
    />
  );
}

/** Columns with the figures of an objective, which `of` takes from a row. */
function figureColumns<Row extends object>(of: (row: Row) => PeriodFigures | undefined, sorted = false) {
  const shown = (text: (figures: PeriodFigures) => string) => (row: Row) => {
    const figures = of(row);
    return figures ? text(figures) : absent;
  };
  const ratio = (name: 'raw' | 'remaining' | 'coverage') => shown((figures) => figure(figures[name], 'ratio'));
  const promised = shown(({ compliance, target }) => `${figure(compliance, 'ratio')} / ${figure(target, 'ratio')}`);
  return [
    column('compliance', 'Compliance', promised, sorted),
    column('raw', 'Raw', ratio('raw'), sorted),
    column('remaining', 'Budget left', ratio('remaining'), sorted),
    column('coverage', 'Measured', ratio('coverage')),
  ];
}

const objectiveColumns = [
  column<PeriodFigures>('objective', 'Objective', ({ objective }) => objective),
  column<PeriodFigures>('state', 'State', ({ state }) => <StateBadge state={state} />),
  ...figureColumns((figures: PeriodFigures) => figures),
  column<PeriodFigures>(
    'bad',
    'Bad / allowed',
    ({ bad, allowed, unit }) => `${figure(bad, unit)} / ${figure(allowed, unit)}`,
  ),
  column<PeriodFigures>('reason', 'Remark', ({ reason, remarks }) => [reason, ...remarks].join(' ')),
];

function Agreement({ row: { agreement, gone, provider, consumers, objectives } }: { row: PeriodRow }) {
  return (
    <div style={{ minWidth: 240 }}>
      {gone ? titleOf(agreement) : <AgreementLink agreement={agreement} />}
      <TwoLines text={objectives[0]?.remarks.join(' ')} />
      <Small>{`${titleOf(provider)} → ${consumers.map(titleOf).join(', ')}`}</Small>
    </div>
  );
}

/** The statement of a row, or else a button to freeze it, or why that is impossible. */
function Statement({ row, period, mayFreeze }: { row: PeriodRow; period: Named; mayFreeze: boolean }) {
  const { statement, reason, open, objectives } = row;
  if (statement && !statement.error) {
    return (
      <Stack gap={1} alignItems="center">
        <div>
          <Tooltip content={`${statement.digest} ${statement.replaces?.reason ?? ''}`}>
            <span>
              <Badge color="blue" icon="lock" text={statement.replaces ? 'Restated' : 'Frozen'} />
            </span>
          </Tooltip>
          <Small>{`${instant(statement.frozenAt)} by ${statement.frozenBy}`}</Small>
        </div>
        <StatementMenu statement={statement} mayFreeze={mayFreeze} />
      </Stack>
    );
  }
  if (open && mayFreeze) {
    return <Freeze period={period} agreement={row.agreement} />;
  }
  return <Small>{reason || objectives[0]?.reason || 'Not frozen'}</Small>;
}
