import {
  EmbeddedScene,
  type SceneComponentProps,
  sceneGraph,
  SceneObjectBase,
  type SceneObjectState,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  UrlSyncContextProvider,
} from '@grafana/scenes';
import { type CellProps, type Column, Stack, Text, TextLink } from '@grafana/ui';
import { useMemo } from 'react';
import { segment } from '../../api/client';
import { type AgreementHistoryTab } from '../../api/types';
import { useResource } from '../../api/useResource';
import { DataTable } from '../../components/DataTable';
import { figure, instant } from '../../components/figures';
import { Loaded } from '../../components/Loaded';
import { StateBadge } from '../../components/StateBadge';
import { Unmeasured } from '../../components/Unmeasured';
import { usePaths } from '../../paths';
import { Remaining } from '../agreements/columns';

/** How an agreement did: incidents in the chosen range of time, periods, statements. */
export default function HistoryTab({ name }: { name: string }) {
  const scene = useMemo(
    () =>
      new EmbeddedScene({
        $timeRange: new SceneTimeRange({ from: 'now-30d', to: 'now' }),
        controls: [
          new SceneTimePicker({ isOnCanvas: true }),
          new SceneRefreshPicker({ isOnCanvas: true, withText: true }),
        ],
        body: new History({ name }),
      }),
    [name],
  );
  return (
    <UrlSyncContextProvider scene={scene} updateUrlOnInit={false}>
      <scene.Component model={scene} />
    </UrlSyncContextProvider>
  );
}

/** What is shown below the time picker. */
class History extends SceneObjectBase<SceneObjectState & { name: string }> {
  static readonly Component = ({ model }: SceneComponentProps<History>) => {
    const { from, to } = sceneGraph.getTimeRange(model).useState().value;
    return (
      // The scene would give it the width of its widest table.
      <div style={{ flex: 1, minWidth: 0 }}>
        <Past name={model.state.name} range={{ from: from.toISOString(), to: to.toISOString() }} />
      </div>
    );
  };
}

/** The three tables, with the incidents of a range. */
export function Past({ name, range }: { name: string; range: { from: string; to: string } }) {
  const history = useResource<AgreementHistoryTab>(`pages/agreement/history/${segment(name)}`, range, true);
  return (
    <Loaded resource={history}>
      {({ incidents, periods, repair, statements, unmeasured }) => (
        <Stack direction="column" gap={2}>
          <Unmeasured reasons={unmeasured} reload={history.reload} />
          <Titled
            title="Incidents"
            none="No incidents in this range of time."
            rows={incidents}
            columns={incidentColumns}
          />
          {repair.map((text) => (
            <Text key={text} color="secondary" element="p">
              {text}
            </Text>
          ))}
          <Titled
            title="Periods"
            none="Nothing was measured yet, as far back as Prometheus remembers."
            rows={periods}
            columns={periodColumns}
          />
          <Titled
            title="Statements"
            none="No period was frozen yet: that is done in Statements."
            rows={statements.map((one) => ({ ...one, key: one.file }))}
            columns={statementColumns}
          />
        </Stack>
      )}
    </Loaded>
  );
}

interface TitledProps<Row extends { key: string }> {
  title: string;
  /** Said where there are no rows. */
  none: string;
  rows: Row[];
  columns: Array<Column<Row>>;
}

function Titled<Row extends { key: string }>({ title, none, rows, columns }: TitledProps<Row>) {
  return (
    <section aria-label={title}>
      <Text element="h2" variant="h5">
        {title}
      </Text>
      {rows.length > 0 ? <DataTable columns={columns} rows={rows} rowId={({ key }) => key} /> : <p>{none}</p>}
    </section>
  );
}

type Incident = AgreementHistoryTab['incidents'][number];
type Period = AgreementHistoryTab['periods'][number];
type Statement = AgreementHistoryTab['statements'][number] & { key: string };

/** A column of a text. */
function text<Row extends object>(id: string, header: string, of: (row: Row) => string): Column<Row> {
  return { id, header, cell: ({ row }: CellProps<Row>) => of(row.original) };
}

const incidentColumns: Array<Column<Incident>> = [
  text('from', 'From', ({ from }) => instant(from)),
  text('lasted', 'Lasted', ({ lasted }) => lasted),
  text('objective', 'Objective', ({ objective }) => objective),
  text('bad', 'Bad', ({ bad }) => bad),
  text('share', 'Of the budget', ({ share }) => figure(share, 'ratio')),
  text('peak', 'Peak burn rate', ({ peakBurn }) => figure(peakBurn, 'rate')),
  text('remark', 'Remark', ({ remark = '' }) => remark),
];

const periodColumns: Array<Column<Period>> = [
  text('period', 'Period', ({ period }) => period),
  text('objective', 'Objective', ({ objective }) => objective),
  { id: 'state', header: 'State', cell: ({ row }: CellProps<Period>) => <StateBadge state={row.original.state} /> },
  text('compliance', 'Compliance', (row) => `${figure(row.compliance, 'ratio')} of ${figure(row.target, 'ratio')}`),
  text('raw', 'Raw compliance', ({ raw }) => figure(raw, 'ratio')),
  { id: 'remaining', header: 'Budget left', cell: ({ row }: CellProps<Period>) => <Remaining row={row.original} /> },
  text('bad', 'Bad', ({ bad }) => bad),
  text('coverage', 'Coverage', ({ coverage }) => figure(coverage, 'ratio')),
  text('reason', 'Remark', ({ reason = '' }) => reason),
];

const statementColumns: Array<Column<Statement>> = [
  { id: 'period', header: 'Period', cell: ({ row }: CellProps<Statement>) => <StatementLink {...row.original} /> },
  text('number', 'Number', ({ number }) => String(number)),
  { id: 'state', header: 'State', cell: ({ row }: CellProps<Statement>) => <StateBadge state={row.original.state} /> },
  text('frozen', 'Frozen', ({ error, frozenAt, frozenBy }) => error || `${instant(frozenAt)} by ${frozenBy}`),
  text('replaced', 'Remark', ({ replacedBy }) => (replacedBy ? `Restated by ${replacedBy}` : '')),
];

function StatementLink({ period }: Statement) {
  const paths = usePaths();
  return <TextLink href={paths.statements({ period })}>{period}</TextLink>;
}
