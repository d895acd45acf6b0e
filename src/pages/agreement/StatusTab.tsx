import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Combobox, ErrorBoundaryAlert, Field, Stack, Text, useStyles2 } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router-dom';
import { dataSourceType, useDataSource } from '../../api/DataSource';
import { type AgreementStatusTab, type ObjectiveRow } from '../../api/types';
import { TwoLines } from '../../components/Clamped';
import { column, DataTable } from '../../components/DataTable';
import { absent, figure, instant } from '../../components/figures';
import { LoadingPage } from '../../components/Loaded';
import { titleOf } from '../../components/Named';
import { Small } from '../../components/Section';
import { StateBadge } from '../../components/StateBadge';
import { setParams } from '../../paths';
import { Alert, Remaining, tooltips as shared } from '../agreements/columns';
import { Computed } from './Computed';

// Scenes are loaded only if charts are shown.
const Charts = lazy(() => import('./Charts'));

/** The status of each objective; the charts are beside the table if all columns have space, else below. */
export function StatusTab({ agreement }: { agreement: AgreementStatusTab }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.container}>
      <div className={styles.columns}>
        <DataTable
          columns={columns}
          list={{ rows: agreement.objectives }}
          rowId={({ key }) => key}
          tooltips={tooltips}
          expanded={(row) => <Computed row={row} />}
        />
        {!agreement.leftOut && <Charted agreement={agreement} />}
      </div>
    </div>
  );
}

const columns = [
  column<ObjectiveRow>('name', 'Objective', (row) => <Name row={row} />),
  column<ObjectiveRow>('state', 'State', ({ state }) => <StateBadge state={state} />),
  column<ObjectiveRow>('alert', 'Alert', (row) => <Alert row={row} />),
  column<ObjectiveRow>('compliance', 'Compliance', ({ compliance, target }) => (
    <>
      {figure(compliance, 'ratio')}
      <Small>{`of ${figure(target, 'ratio')}`}</Small>
    </>
  )),
  column<ObjectiveRow>('remaining', 'Budget left', (row) => <Remaining row={row} />),
  column<ObjectiveRow>('burn', 'Burn rates', ({ burn }) =>
    burnWindows.map((window) => (
      <div key={window} style={{ whiteSpace: 'nowrap' }}>
        <Text color="secondary">{window}</Text> {figure(burn?.[window], 'rate')}
      </div>
    )),
  ),
  column<ObjectiveRow>('projected', 'Projected', ({ projected }) => figure(projected, 'ratio')),
  column<ObjectiveRow>('coverage', 'Coverage', ({ coverage }) => figure(coverage, 'ratio')),
  column<ObjectiveRow>('until', 'Measured until', ({ measuredUntil }) =>
    measuredUntil ? instant(measuredUntil) : absent,
  ),
];

/** Windows for now, today and several days. */
const burnWindows = ['1h', '6h', '3d'];

const tooltips = {
  ...shared,
  state:
    'Breached: more was bad than the error budget allows. At risk: less than a quarter of it is left, an alert fires, or it will not last.',
  compliance: 'The share that was good in the window, of the share that was promised.',
  burn: 'How fast the error budget is spent: at 1 it lasts exactly for the window.',
  projected: 'The compliance at the end of the calendar period, if it goes on like the last seven days.',
  coverage: 'The share of the time that counts which was measured.',
  until: 'The end of the last time that was measured.',
};

function Name({ row }: { row: ObjectiveRow }) {
  const { group, reason, windowText } = row;
  return (
    <div style={{ minWidth: 120 }}>
      {titleOf(row)} {group && <Text color="secondary">{group}</Text>}
      <Small>{windowText}</Small>
      <TwoLines text={reason} />
    </div>
  );
}

/** The charts of the objective in the URL, or else of the worst. */
function Charted({ agreement }: { agreement: AgreementStatusTab }) {
  const { uid } = useDataSource();
  const [search] = useSearchParams();
  const { objectives } = agreement;
  const row = objectives.find(({ name }) => name === search.get('objective')) ?? objectives[0];
  const names = [...new Map(objectives.map((one) => [one.name, titleOf(one)]))];
  return (
    <Stack direction="column" gap={1}>
      {names.length > 1 && (
        <Field label="Charts of" htmlFor="accord-objective" noMargin>
          <Combobox
            id="accord-objective"
            width={40}
            options={names.map(([value, label]) => ({
              value,
              label,
              description: label === value ? undefined : value,
            }))}
            value={row.name}
            onChange={({ value }) => setParams({ objective: value }, true)}
          />
        </Field>
      )}
      <ErrorBoundaryAlert>
        <Suspense fallback={<LoadingPage />}>
          <Charts
            of={{
              datasource: { type: dataSourceType, uid },
              agreement: agreement.name,
              provider: agreement.provider?.name,
              objective: row.name,
              groupBy: row.groupBy,
              window: row.window,
              target: row.targetNow,
              supportHours: agreement.supportHours,
            }}
          />
        </Suspense>
      </ErrorBoundaryAlert>
    </Stack>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    container: css({ containerType: 'inline-size' }),
    columns: css({
      display: 'grid',
      gap: theme.spacing(2),
      paddingTop: theme.spacing(1),
      // Children may be narrower than their content: the table itself scrolls.
      '& > *': { minWidth: 0 },
      gridTemplateColumns: 'minmax(0, 1fr)',
      '@container (min-width: 1500px)': { gridTemplateColumns: 'minmax(0, 5fr) minmax(0, 2fr)' },
    }),
  };
}
