import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Badge, type CellProps, type Column, Stack, Text, TextLink, Tooltip, useStyles2 } from '@grafana/ui';
import { Fragment } from 'react';
import { type AgreementRow, type Trends } from '../../api/types';
import { absent, figure } from '../../components/figures';
import { StateBadge } from '../../components/StateBadge';
import { usePaths } from '../../paths';
import { Trend } from './Trend';

type Cell = CellProps<AgreementRow>;

/** Sorted by the backend, whatever its type says to the table. */
const sorted = { sortType: 'string', sortDescFirst: false } as const;

/** The columns of the table, by the names that the backend sorts by. */
export const columns = (trends: Trends['trends'] = {}): Array<Column<AgreementRow>> => [
  { id: 'name', header: 'Agreement', ...sorted, cell: ({ row }: Cell) => <Name row={row.original} /> },
  {
    id: 'state',
    header: 'State',
    ...sorted,
    cell: ({ row: { original } }: Cell) => <StateBadge state={original.state} stage={original.stage} />,
  },
  { id: 'alert', header: 'Alert', ...sorted, cell: ({ row }: Cell) => <Alert row={row.original} /> },
  {
    id: 'compliance',
    header: 'Compliance / target',
    ...sorted,
    cell: ({ row: { original } }: Cell) =>
      `${figure(original.compliance, 'ratio')} / ${figure(original.target, 'ratio')}`,
  },
  { id: 'remaining', header: 'Budget left', ...sorted, cell: ({ row }: Cell) => <Remaining row={row.original} /> },
  { id: 'burn', header: 'Burn rate 1h', ...sorted, cell: ({ row }: Cell) => figure(row.original.burn, 'rate') },
  {
    id: 'trend',
    header: '30 days',
    cell: ({ row: { original } }: Cell) => <Trend trend={trends[original.key]} state={original.state} />,
  },
  { id: 'window', header: 'Window', cell: ({ row }: Cell) => row.original.window },
  {
    id: 'provider',
    header: 'Provider → consumers',
    ...sorted,
    cell: ({ row }: Cell) => <Parties row={row.original} />,
  },
];

/** What the figures mean, once for each column. */
export const headerTooltips = {
  state: {
    content:
      'Of the worst objective. Breached: more was bad than the error budget allows. At risk: less than a quarter of it is left, an alert fires, or it will not last.',
  },
  alert: {
    content: 'The severest burn-rate alert that fires, with the number that its alert rule has: above 1 it fires.',
  },
  compliance: { content: 'The share that was good in the window, and the share that was promised.' },
  remaining: { content: 'The share of the error budget that is left in the window; below 0 it is overspent.' },
  burn: { content: 'How fast the error budget was spent in the last hour: at 1 it lasts exactly for the window.' },
  trend: { content: 'The share of the error budget that was left, over the last 30 days.' },
};

function Name({ row }: { row: AgreementRow }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const href = row.leftOut ? paths.documents(row) : paths.agreement(row.name);
  return (
    <div className={styles.name}>
      <Stack wrap="wrap" alignItems="center" gap={1}>
        <TextLink href={href} color="primary" inline={false}>
          {row.displayName || row.name}
        </TextLink>
        {row.kind === 'SLO' && <Badge text="SLO without agreement" color="darkgrey" />}
      </Stack>
      {row.reason && (
        <Text element="p" variant="bodySmall" color="secondary">
          {row.reason}
        </Text>
      )}
    </div>
  );
}

function Alert({ row: { alert, alertValue } }: { row: AgreementRow }) {
  return alert ? (
    <Badge
      icon="bell"
      color={alert === 'page' ? 'red' : 'orange'}
      text={`${alert === 'page' ? 'Page' : 'Ticket'} ${figure(alertValue, 'rate')}`}
    />
  ) : null;
}

function Remaining({ row: { remaining, amount } }: { row: AgreementRow }) {
  const shown = figure(remaining, 'ratio');
  return shown === absent ? (
    absent
  ) : (
    <Tooltip content={amount}>
      {/* The amount is for who uses the keyboard, too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <span tabIndex={0}>{shown}</span>
    </Tooltip>
  );
}

function Parties({ row: { provider, consumers, moreConsumers } }: { row: AgreementRow }) {
  const paths = usePaths();
  if (!provider) {
    return absent;
  }
  const link = (team: { name: string; displayName?: string }) => (
    <TextLink href={paths.team(team.name)} color="primary">
      {team.displayName || team.name}
    </TextLink>
  );
  return (
    <>
      {link(provider)} →{' '}
      {consumers.map((team, i) => (
        <Fragment key={team.name}>
          {i > 0 && ', '}
          {link(team)}
        </Fragment>
      ))}
      {moreConsumers > 0 && ` and ${moreConsumers} more`}
    </>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return { name: css({ minWidth: 220, maxWidth: 480, '& p': { marginTop: theme.spacing(0.25) } }) };
}
