import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { type CellProps, type Column, Combobox, ErrorBoundaryAlert, Field, Text, useStyles2 } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router-dom';
import { dataSourceType, useDataSource } from '../../api/DataSource';
import { type AgreementStatusTab, type ObjectiveRow } from '../../api/types';
import { DataTable } from '../../components/DataTable';
import { absent, figure, instant } from '../../components/figures';
import { LoadingPage } from '../../components/LoadingPage';
import { StateBadge } from '../../components/StateBadge';
import { Alert, headerTooltips as shared, Remaining } from '../agreements/columns';
import { Computed } from './Computed';

// Scenes are loaded only where charts are looked at.
const Charts = lazy(() => import('./Charts'));

/** How each objective stands, beside its charts. */
export function StatusTab({ agreement }: { agreement: AgreementStatusTab }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.columns}>
      <DataTable<ObjectiveRow>
        columns={columns}
        rows={agreement.objectives}
        rowId={({ key }) => key}
        headerTooltips={headerTooltips}
        expanded={(row) => <Computed row={row} />}
      />
      {!agreement.leftOut && <Charted agreement={agreement} />}
    </div>
  );
}

type Cell = CellProps<ObjectiveRow>;

const columns: Array<Column<ObjectiveRow>> = [
  { id: 'name', header: 'Objective', cell: ({ row }: Cell) => <Name row={row.original} /> },
  { id: 'state', header: 'State', cell: ({ row }: Cell) => <StateBadge state={row.original.state} /> },
  { id: 'alert', header: 'Alert', cell: ({ row }: Cell) => <Alert row={row.original} /> },
  {
    id: 'compliance',
    header: 'Compliance',
    cell: ({ row: { original } }: Cell) => (
      <>
        {figure(original.compliance, 'ratio')}
        <Small>{`of ${figure(original.target, 'ratio')}`}</Small>
      </>
    ),
  },
  { id: 'remaining', header: 'Budget left', cell: ({ row }: Cell) => <Remaining row={row.original} /> },
  {
    id: 'burn',
    header: 'Burn rates',
    cell: ({ row: { original } }: Cell) =>
      burnWindows.map((window) => (
        <div key={window} style={{ whiteSpace: 'nowrap' }}>
          <Text color="secondary">{window}</Text> {figure(original.burn?.[window], 'rate')}
        </div>
      )),
  },
  { id: 'projected', header: 'Projected', cell: ({ row }: Cell) => figure(row.original.projected, 'ratio') },
  { id: 'coverage', header: 'Coverage', cell: ({ row }: Cell) => figure(row.original.coverage, 'ratio') },
  {
    id: 'until',
    header: 'Measured until',
    cell: ({ row: { original } }: Cell) => (original.measuredUntil ? instant(original.measuredUntil) : absent),
  },
];

/** What happens now, today, and over days; the others are in the chart. */
const burnWindows = ['1h', '6h', '3d'];

const headerTooltips = {
  ...shared,
  state: {
    content:
      'Breached: more was bad than the error budget allows. At risk: less than a quarter of it is left, an alert fires, or it will not last.',
  },
  compliance: { content: 'The share that was good in the window, of the share that was promised.' },
  burn: { content: 'How fast the error budget is spent: at 1 it lasts exactly for the window.' },
  projected: { content: 'The compliance at the end of the calendar period, if it goes on like the last seven days.' },
  coverage: { content: 'The share of the time that counts which was measured.' },
  until: { content: 'The end of the last time that was measured.' },
};

function Name({ row: { displayName, group, name, reason, windowText } }: { row: ObjectiveRow }) {
  const styles = useStyles2(getStyles);
  return (
    <div style={{ minWidth: 180 }}>
      {displayName || name} {group && <Text color="secondary">{group}</Text>}
      <Small>{windowText}</Small>
      {reason && (
        // In full where the row is opened.
        <div className={styles.reason} title={reason}>
          {reason}
        </div>
      )}
    </div>
  );
}

function Small({ children }: { children: string }) {
  return (
    <Text element="p" variant="bodySmall" color="secondary">
      {children}
    </Text>
  );
}

/** The parameter of the URL with the objective whose charts are shown; the worst without it. */
const objectiveParam = 'objective';

function Charted({ agreement }: { agreement: AgreementStatusTab }) {
  const { uid } = useDataSource();
  const [search, setSearch] = useSearchParams();
  const { objectives } = agreement;
  const asked = search.get(objectiveParam);
  const row = objectives.find(({ name }) => name === asked) ?? objectives[0];
  const names = [...new Map(objectives.map((one) => [one.name, one.displayName || one.name]))];
  const choose = (name: string) =>
    setSearch(
      (before) => {
        before.set(objectiveParam, name);
        return before;
      },
      { replace: true },
    );
  return (
    <div>
      {names.length > 1 && (
        <Field label="Charts of" htmlFor="accord-objective" noMargin>
          <Combobox
            id="accord-objective"
            options={names.map(([value, label]) => ({
              value,
              label,
              description: label === value ? undefined : value,
            }))}
            value={row.name}
            onChange={({ value }) => choose(value)}
          />
        </Field>
      )}
      <ErrorBoundaryAlert>
        <Suspense fallback={<LoadingPage />}>
          <Charts
            of={{
              datasource: { type: dataSourceType, uid },
              agreement: agreement.name,
              objective: row.name,
              groupBy: row.groupBy,
              window: row.window,
              target: row.targetNow,
              supportHours: agreement.supportHours,
            }}
          />
        </Suspense>
      </ErrorBoundaryAlert>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    reason: css({
      ...theme.typography.bodySmall,
      color: theme.colors.text.secondary,
      display: '-webkit-box',
      WebkitBoxOrient: 'vertical',
      WebkitLineClamp: 2,
      overflow: 'hidden',
    }),
    columns: css({
      display: 'grid',
      gap: theme.spacing(2),
      paddingTop: theme.spacing(1),
      // Children may be narrower than what they hold: the table scrolls in itself.
      '& > *': { minWidth: 0 },
      gridTemplateColumns: 'minmax(0, 1fr)',
      [theme.breakpoints.up('xl')]: { gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)' },
    }),
  };
}
