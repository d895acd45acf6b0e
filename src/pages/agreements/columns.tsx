import { css } from '@emotion/css';
import { type Field, FieldColorModeId, FieldType, type GrafanaTheme2 } from '@grafana/data';
import { Badge, type Column, Sparkline, Stack, TextLink, Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import { createContext, useContext, useMemo } from 'react';
import { type AgreementRow, type State, type Trends } from '../../api/types';
import { TwoLines } from '../../components/Clamped';
import { column } from '../../components/DataTable';
import { absent, figure } from '../../components/figures';
import { TeamLink, titleOf } from '../../components/Named';
import { StateBadge } from '../../components/StateBadge';
import { usePaths } from '../../paths';

/** The budgets over time, which load after the rows. In a context, because new columns would lose the table's focus. */
export const TrendsOfRows = createContext<Trends['trends']>({});

/** The columns of the table, with ids by which the backend sorts. */
export const columns: Array<Column<AgreementRow>> = [
  column('name', 'Agreement', (row) => <Name row={row} />, true),
  column('state', 'State', ({ state, stage }) => <StateBadge state={state} stage={stage} />, true),
  column('alert', 'Alert', (row) => <Alert row={row} />, true),
  column(
    'compliance',
    'Compliance',
    (row) => `${figure(row.compliance, 'ratio')} / ${figure(row.target, 'ratio')}`,
    true,
  ),
  column('remaining', 'Budget left', (row) => <Remaining row={row} />, true),
  column('burn', 'Burn 1h', ({ burn }) => figure(burn, 'rate'), true),
  column('trend', '30 days', (row) => <Trend row={row} />),
  column('window', 'Window', ({ window }) => <span style={{ whiteSpace: 'nowrap' }}>{window}</span>),
];

/** The meaning of the columns. */
export const tooltips = {
  state:
    'Of the worst objective. Breached: more was bad than the error budget allows. At risk: less than a quarter of it is left, an alert fires, or it will not last.',
  alert: 'The severest burn-rate alert that fires, with the number that its alert rule has: above 1 it fires.',
  compliance: 'The share that was good in the window / the share that was promised.',
  remaining: 'The share of the error budget that is left in the window; below 0 it is overspent.',
  burn: 'How fast the error budget was spent in the last hour: at 1 it lasts exactly for the window.',
  trend: 'The share of the error budget that was left, over the last 30 days.',
};

function Name({ row }: { row: AgreementRow }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const href = row.leftOut ? paths.documents(row) : paths.agreement(row);
  return (
    <div className={styles.name}>
      <Stack wrap="wrap" alignItems="center" gap={1}>
        <TextLink href={href} color="primary" inline={false}>
          {titleOf(row)}
        </TextLink>
        {row.kind === 'SLO' && <Badge text="SLO without agreement" color="darkgrey" />}
      </Stack>
      <TwoLines text={row.reason} />
      {row.provider && (
        <div className={styles.small}>
          <TeamLink team={row.provider} {...small} /> →{' '}
          {row.consumers.map((team, i) => [i > 0 && ', ', <TeamLink key={team.name} team={team} {...small} />])}
          {row.moreConsumers > 0 && ` and ${row.moreConsumers} more`}
        </div>
      )}
    </div>
  );
}

const small = { color: 'secondary', variant: 'bodySmall' } as const;

/** The alert that fires, with the value of its rule. */
export function Alert({ row: { alert, alertValue } }: { row: Pick<AgreementRow, 'alert' | 'alertValue'> }) {
  return alert ? (
    <Badge
      icon="bell"
      style={{ whiteSpace: 'nowrap' }}
      color={alert === 'page' ? 'red' : 'orange'}
      text={`${alert === 'page' ? 'Page' : 'Ticket'} ${figure(alertValue, 'rate')}`}
    />
  ) : null;
}

/** The share of the budget that is left, with the amount in a tooltip. */
export function Remaining({ row: { remaining, amount } }: { row: Pick<AgreementRow, 'remaining' | 'amount'> }) {
  const shown = figure(remaining, 'ratio');
  return shown === absent ? (
    absent
  ) : (
    <Tooltip content={amount}>
      {/* The tooltip must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <span tabIndex={0}>{shown}</span>
    </Tooltip>
  );
}

const trendWidth = 100;

const trendColors: Record<State, string> = {
  breached: 'red',
  at_risk: 'orange',
  met: 'green',
  no_data: 'text',
  inactive: 'text',
};

/** The error budget over the last 30 days. */
function Trend({ row: { key, state } }: { row: AgreementRow }) {
  const theme = useTheme2();
  const trend: Trends['trends'][string] | undefined = useContext(TrendsOfRows)[key];
  const sparkline = useMemo(() => {
    const values = trend?.values ?? [];
    // From 0 to 1, lower if overspent. Grafana 12 would cut at the minimum of a field's config.
    const min = Math.min(0, ...values.map(Number).filter(Number.isFinite));
    const y: Field = {
      name: 'Budget left',
      type: FieldType.number,
      values,
      config: { color: { mode: FieldColorModeId.Fixed, fixedColor: trendColors[state] } },
      state: { range: { min, max: 1, delta: 1 - min } },
    };
    return { y, highlightIndex: values.length - 1 };
  }, [trend, state]);
  return trend ? (
    <div role="img" aria-label={trend.text} title={trend.text}>
      <Sparkline theme={theme} width={trendWidth} height={28} sparkline={sparkline} showHighlights />
    </div>
  ) : (
    <div style={{ width: trendWidth }}>{absent}</div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    name: css({ minWidth: 240 }),
    small: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
  };
}
