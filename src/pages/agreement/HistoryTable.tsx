import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import { type Objective } from '../../api/types';
import { BudgetLeft } from '../../components/BudgetLeft';
import { LoadingPage } from '../../components/LoadingPage';
import { StateBadge } from '../../components/StateBadge';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { termTitle } from '../../components/terms';
import { absent, counted, percent, sentence } from '../../components/words';
import { type Period } from './history';
import { type History } from './useHistory';
import { isCalendar } from './when';

interface Props {
  history: History;
  objective: Objective;
}

/** How an objective did, period by period. */
export function HistoryTable({ history, objective }: Props) {
  const styles = useStyles2(getStyles);
  const by = isCalendar(objective.window) ? objective.window : 'month';
  const title = `By ${by}`;
  return (
    <div className={styles.whole}>
      <h3 className={styles.title}>{title}</h3>
      <Past history={history} columns={columns(objective.groupBy ?? [])} caption={title} />
    </div>
  );
}

function Past({ history, columns, caption }: { history: History; columns: Array<Column<Period>>; caption: string }) {
  switch (history.state) {
    case 'loading':
      return <LoadingPage lines={4} />;
    case 'error':
      return (
        <Alert severity="error" title={'The past could not be measured'}>
          {history.error}
        </Alert>
      );
    case 'ready':
      return history.periods.length > 0 ? (
        <Table
          caption={caption}
          columns={columns}
          rows={history.periods}
          rowKey={({ period, group }) => JSON.stringify([period, group])}
        />
      ) : (
        <p>{'Nothing was measured yet, as far back as Prometheus remembers.'}</p>
      );
  }
}

function columns(groupBy: string[]): Array<Column<Period>> {
  return [
    { id: 'period', label: 'Period', cell: ({ period }) => period },
    ...groupBy.map((label, index) => ({
      id: `group-${label}`,
      label,
      cell: ({ group }: Period) => group[index] || absent,
    })),
    { id: 'state', label: 'State', cell: ({ state }) => <StateBadge state={state} /> },
    { id: 'target', label: termTitle('target'), numeric: true, cell: (row) => percent(row.target) },
    { id: 'compliance', label: termTitle('compliance'), numeric: true, cell: (row) => percent(row.compliance) },
    {
      id: 'raw',
      label: termTitle('raw'),
      aside: <Term name="raw">{''}</Term>,
      numeric: true,
      cell: (row) => percent(row.raw),
    },
    {
      id: 'bad',
      label: 'Bad',
      numeric: true,
      // A count of nothing that was measured is no zero.
      cell: (row) => (row.compliance === null ? absent : counted(row.bad, row.unit)),
    },
    {
      id: 'coverage',
      label: termTitle('coverage'),
      aside: <Term name="coverage">{''}</Term>,
      numeric: true,
      cell: (row) => percent(row.coverage),
    },
    {
      id: 'budget',
      label: 'Budget left',
      cell: (row) => (row.compliance === null ? sentence(row.reason) : <BudgetLeft objective={row} />),
    },
  ];
}

function getStyles(theme: GrafanaTheme2) {
  return {
    whole: css({ marginTop: theme.spacing(3) }),
    title: css({ ...theme.typography.h5 }),
  };
}
