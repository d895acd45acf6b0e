import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Tag, TextLink, useStyles2 } from '@grafana/ui';
import { BudgetLeft } from '../../components/BudgetLeft';
import { StateBadge, worstFirst } from '../../components/StateBadge';
import { type Column } from '../../components/Table';
import { Term } from '../../components/Term';
import { absent, groupWords, numberOf, rate, stageWord } from '../../components/words';
import { usePaths } from '../../paths';
import { lineKey } from './burnDown';
import { Sparkline } from './Sparkline';
import { type AgreementRow } from './agreementRow';
import { burnDownDays, type BurnDowns } from './useBurnDowns';

/** What the cells need beside their row. */
export interface ColumnContext {
  /** The name that people know a team by. */
  called: (team: string) => string;
  burnDowns: BurnDowns;
}

/** The columns of the table, in order of need. */
export function columns({ called, burnDowns }: ColumnContext): Array<Column<AgreementRow>> {
  return [
    {
      id: 'name',
      label: 'Agreement',
      cell: (row) => <Name row={row} />,
      compare: (a, b) => a.title.localeCompare(b.title),
    },
    {
      id: 'state',
      label: 'State',
      aside: <Term name="state">{''}</Term>,
      cell: ({ state }) => (state ? <StateBadge state={state} /> : absent),
      compare: (a, b) => rank(a) - rank(b) || left(a) - left(b) || a.title.localeCompare(b.title),
      known: ({ state }) => state !== undefined,
    },
    {
      id: 'budget',
      label: 'Budget left',
      aside: <Term name="budget">{''}</Term>,
      cell: (row) => <LeastLeft row={row} />,
      compare: (a, b) => left(a) - left(b),
      known: ({ least }) => least !== undefined,
    },
    {
      id: 'burn-down',
      label: `In ${burnDownDays} days`,
      cell: ({ summary, least }) => (
        <Sparkline
          line={least ? burnDowns.get(lineKey({ agreement: summary.name, objective: least })) : null}
          state={least?.state ?? 'inactive'}
        />
      ),
    },
    {
      id: 'burn',
      roomy: true,
      label: 'Burn rate 1h',
      aside: <Term name="burnRate">{''}</Term>,
      numeric: true,
      cell: ({ burn }) => rate(asFigure(burn)),
      compare: (a, b) => (a.burn ?? 0) - (b.burn ?? 0),
      known: ({ burn }) => burn !== undefined,
    },
    {
      id: 'service',
      roomy: true,
      label: 'Service',
      cell: ({ summary }) => summary.service || absent,
      compare: (a, b) => a.summary.service.localeCompare(b.summary.service),
    },
    {
      id: 'provider',
      label: 'Provider',
      cell: ({ summary }) => (summary.provider ? called(summary.provider) : absent),
      compare: (a, b) => called(a.summary.provider ?? '').localeCompare(called(b.summary.provider ?? '')),
      known: ({ summary }) => !!summary.provider,
    },
    {
      id: 'consumers',
      roomy: true,
      label: 'Consumers',
      cell: ({ summary }) => consumersText(summary.consumers.map(called)),
    },
  ];
}

/** How many consumers a row names before it counts them, so that rows stay low. */
const namedConsumers = 3;

function consumersText(names: string[]): string {
  if (names.length <= namedConsumers) {
    return names.join(', ') || absent;
  }
  const more = names.length - namedConsumers + 1;
  return `${names.slice(0, namedConsumers - 1).join(', ')} and ${more} more`;
}

const rank = ({ state }: AgreementRow) => (state ? worstFirst.indexOf(state) : worstFirst.length);

/** The share of the budget; who has none known comes after those who have. */
const left = ({ least }: AgreementRow) => numberOf(least?.remaining) ?? 2;

const asFigure = (value: number | undefined) => (value === Infinity ? '+Inf' : (value ?? null));

/** The stage is told where it is not the usual one. */
function Name({ row: { title, summary, alone } }: { row: AgreementRow }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const stage = alone ? 'SLO without agreement' : summary.stage !== 'active' && stageWord(summary.stage);
  return (
    <span className={styles.name}>
      <TextLink href={paths.agreement(summary.name)} color="primary">
        {title}
      </TextLink>
      {stage && <Tag name={stage} colorIndex={9} />}
    </span>
  );
}

function LeastLeft({ row: { least, objectives } }: { row: AgreementRow }) {
  const styles = useStyles2(getStyles);
  if (!least) {
    return absent;
  }
  return (
    <>
      <BudgetLeft objective={least} />
      {objectives.length > 1 && (
        <div className={styles.which}>{[least.name, groupWords(least.group)].filter(Boolean).join(' · ')}</div>
      )}
      {least.remarks.length > 0 && <div className={styles.which}>{least.remarks.join('; ')}</div>}
    </>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    name: css({ display: 'inline-flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1) }),
    which: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  };
}
