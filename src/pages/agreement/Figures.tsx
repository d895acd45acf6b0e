import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type ObjectiveStatus } from '../../api/types';
import { Term } from '../../components/Term';
import { counted, instant, numberOf, percent, rate } from '../../components/words';
import { type Fact, Facts } from './Facts';

interface Props {
  status: ObjectiveStatus;
  /** What is promised, where nothing was judged by it. */
  target?: number;
}

/** The figures of an objective. Where nothing was counted only what is known: no 0 that could be read as good. */
export function Figures({ status, target }: Props) {
  const counts = numberOf(status.compliance) !== undefined;
  const coverage = numberOf(status.coverage) !== undefined && percent(status.coverage);
  return (
    <Facts
      facts={[
        { id: 'target', label: <Term name="target" />, value: percent(status.target ?? target) },
        ...(counts ? ofCounts(status) : []),
        { id: 'coverage', label: <Term name="coverage" />, value: coverage },
        ...(counts ? [{ id: 'burn', label: <Term name="burnRate" />, value: <BurnRates burn={status.burn} /> }] : []),
      ]}
    />
  );
}

function ofCounts(status: ObjectiveStatus): Fact[] {
  return [
    { id: 'compliance', label: <Term name="compliance" />, value: percent(status.compliance) },
    { id: 'raw', label: <Term name="raw">{'Raw compliance'}</Term>, value: raw(status) },
    exhaustion(status),
    {
      id: 'projected',
      label: <Term name="projected" />,
      value: numberOf(status.projected) !== undefined && percent(status.projected),
    },
  ];
}

/** The figure without support hours and exclusions, and what they make of it. */
function raw({ raw: { compliance, bad }, compliance: adjusted, unit }: ObjectiveStatus): string {
  return compliance === adjusted
    ? `${percent(compliance)}, the same`
    : `${percent(compliance)}, ${counted(bad, unit)} bad`;
}

function exhaustion({ exhaustion: at, remaining }: ObjectiveStatus): Fact {
  const left = numberOf(remaining);
  const label =
    left !== undefined && left < 0 ? 'Budget spent since' : <Term name="exhaustion">{'Budget spent by'}</Term>;
  const lasts = left !== undefined && left >= 0 && 'not at this pace';
  return { id: 'exhaustion', label, value: at ? instant(at) : lasts };
}

/** From now to days, so that one sees whether it gets better or worse. */
const shown = ['5m', '1h', '6h', '3d'];

function BurnRates({ burn }: Pick<ObjectiveStatus, 'burn'>) {
  const styles = useStyles2(getStyles);
  const rates = shown.filter((window) => numberOf(burn?.[window]) !== undefined);
  return (
    <span className={styles.rates}>
      {rates.map((window) => (
        <span key={window} className={styles.rate}>
          <span className={styles.window}>{window}</span> {rate(burn?.[window])}
        </span>
      ))}
      {rates.length === 0 && '–'}
    </span>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    rates: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0, 1.5) }),
    rate: css({ whiteSpace: 'nowrap' }),
    window: css({ color: theme.colors.text.secondary }),
  };
}
