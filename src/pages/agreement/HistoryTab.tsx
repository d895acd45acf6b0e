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
import { type Column, Text, TextLink } from '@grafana/ui';
import { useMemo } from 'react';
import { type AgreementHistoryTab } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Clamped } from '../../components/Clamped';
import { column, DataTable } from '../../components/DataTable';
import { absent, figure, instant } from '../../components/figures';
import { Loaded } from '../../components/Loaded';
import { Section } from '../../components/Section';
import { StateBadge } from '../../components/StateBadge';
import { type AgreementId, agreementResource, usePaths } from '../../paths';
import { Remaining } from '../agreements/columns';

/** The history of an agreement: incidents in the selected time range, periods, statements. */
export default function HistoryTab({ agreement: { kind, name } }: { agreement: AgreementId }) {
  const scene = useMemo(
    () =>
      new EmbeddedScene({
        $timeRange: new SceneTimeRange({ from: 'now-30d', to: 'now' }),
        controls: [
          new SceneTimePicker({ isOnCanvas: true }),
          new SceneRefreshPicker({ isOnCanvas: true, withText: true }),
        ],
        body: new History({ agreement: { kind, name } }),
      }),
    [kind, name],
  );
  return (
    <UrlSyncContextProvider scene={scene} updateUrlOnInit>
      <scene.Component model={scene} />
    </UrlSyncContextProvider>
  );
}

/** The content below the time picker. */
class History extends SceneObjectBase<SceneObjectState & { agreement: AgreementId }> {
  static readonly Component = ({ model }: SceneComponentProps<History>) => {
    const timeRange = sceneGraph.getTimeRange(model);
    const { from, to } = timeRange.useState().value;
    const range = { from: from.toISOString(), to: to.toISOString() };
    return (
      // Otherwise it would be as wide as its widest table.
      <div style={{ flex: 1, minWidth: 0 }}>
        <Past agreement={model.state.agreement} range={range} timeZone={timeRange.getTimeZone()} />
      </div>
    );
  };
}

interface PastProps {
  agreement: AgreementId;
  range: { from: string; to: string };
  /** The selected time zone of the range; absent: that of the user. */
  timeZone?: string;
}

/** The three tables, with the incidents of a range. */
export function Past({ agreement, range, timeZone }: PastProps) {
  const history = useResource<AgreementHistoryTab>(agreementResource('history', agreement, range), true);
  const incidentColumns = useMemo(
    () => [column<Incident>('from', 'From', ({ from }) => instant(from, timeZone)), ...incidentFigures],
    [timeZone],
  );
  return (
    <Loaded resource={history}>
      {({ incidents, periods, repair, statements }) => (
        <>
          <Titled
            key={`${range.from} ${range.to}`}
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
        </>
      )}
    </Loaded>
  );
}

interface TitledProps<Row extends { key: string }> {
  title: string;
  /** Shown if there are no rows. */
  none: string;
  rows: Row[];
  columns: Array<Column<Row>>;
}

/** Rows per page of each table, few enough to see all three. */
const atOnce = 10;

function Titled<Row extends { key: string }>({ title, none, rows, columns }: TitledProps<Row>) {
  return (
    <Section title={title}>
      {rows.length > 0 ? (
        <DataTable
          // The current page is reset only if the number of pages changes.
          key={Math.ceil(rows.length / atOnce)}
          columns={columns}
          list={{ rows }}
          rowId={({ key }) => key}
          pageSize={atOnce}
        />
      ) : (
        <p>{none}</p>
      )}
    </Section>
  );
}

type Incident = AgreementHistoryTab['incidents'][number];
type Period = AgreementHistoryTab['periods'][number];
type Statement = AgreementHistoryTab['statements'][number] & { key: string };

const incidentFigures = [
  column<Incident>('lasted', 'Lasted', ({ lasted }) => lasted),
  column<Incident>('objective', 'Objective', ({ objective }) => objective),
  column<Incident>('bad', 'Bad', ({ bad }) => bad),
  column<Incident>('share', 'Of the budget', ({ share }) => figure(share, 'ratio')),
  column<Incident>('peak', 'Peak burn rate', ({ peakBurn }) => figure(peakBurn, 'rate')),
  column<Incident>('remark', 'Remark', ({ remark }) => <Clamped text={remark} />),
];

const periodColumns = [
  column<Period>('period', 'Period', ({ period }) => <span style={{ whiteSpace: 'nowrap' }}>{period}</span>),
  column<Period>('objective', 'Objective', ({ objective }) => objective),
  column<Period>('state', 'State', ({ state }) => <StateBadge state={state} />),
  column<Period>(
    'compliance',
    'Compliance',
    (row) => `${figure(row.compliance, 'ratio')} of ${figure(row.target, 'ratio')}`,
  ),
  column<Period>('raw', 'Raw compliance', ({ raw }) => figure(raw, 'ratio')),
  column<Period>('remaining', 'Budget left', (row) => <Remaining row={row} />),
  column<Period>('bad', 'Bad', ({ bad }) => bad),
  column<Period>('coverage', 'Coverage', ({ coverage }) => figure(coverage, 'ratio')),
  column<Period>('reason', 'Remark', ({ reason }) => <Clamped text={reason} />),
];

const statementColumns = [
  column<Statement>('period', 'Period', ({ period }) => <StatementLink period={period} />),
  column<Statement>('number', 'Number', ({ number }) => number),
  // One that cannot be read has no state.
  column<Statement>('state', 'State', ({ error, state }) => (error ? absent : <StateBadge state={state} />)),
  column<Statement>(
    'frozen',
    'Frozen',
    ({ error, frozenAt, frozenBy }) => error || `${instant(frozenAt)} by ${frozenBy}`,
  ),
  column<Statement>('replaced', 'Remark', ({ replacedBy }) => replacedBy && `Restated by ${replacedBy}`),
];

/** The period, with a link to its page, which days do not have. */
function StatementLink({ period }: { period: string }) {
  const paths = usePaths();
  const isDay = /^\d+-\d\d-\d\d$/.test(period);
  return isDay ? period : <TextLink href={paths.statements({ period })}>{period}</TextLink>;
}
