import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { numberOf } from '../../components/words';
import { date } from '../../components/words';

/** [unixSeconds, share of the budget that is left or null] over time. */
export type Points = Array<Array<number | string | null>>;

interface Props {
  present?: Points;
  proposed?: Points;
  /** What is shown, for those who do not see it. */
  label: string;
}

const [width, height] = [720, 180];
/** Room for what is written at the left and below. */
const [left, bottom, top] = [48, 20, 8];

/** The error budget that was left over time, before and after; where nothing is known the line is broken. */
export function BudgetChart({ present = [], proposed = [], label }: Props) {
  const styles = useStyles2(getStyles);
  const all = [...present, ...proposed];
  const instants = all.map(([at]) => Number(at));
  const shares = all.flatMap(([, share]) => {
    const value = numberOf(share as number | null);
    return value !== undefined && Number.isFinite(value) ? [value] : [];
  });
  if (shares.length === 0) {
    return <p>{'There is no error budget over time to draw.'}</p>;
  }
  const [from, to] = [Math.min(...instants), Math.max(...instants)];
  // What is far below nothing would leave no room for the rest.
  const lowest = Math.max(-2, Math.min(0, ...shares));
  const x = (at: number) => left + ((at - from) / Math.max(1, to - from)) * (width - left);
  const y = (share: number) => top + ((1 - Math.max(lowest, share)) / (1 - lowest)) * (height - top - bottom);
  const levels = lowest < 0 ? [1, 0, lowest] : [1, 0.5, 0];
  return (
    <figure className={styles.whole}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} className={styles.chart}>
        {levels.map((level) => (
          <g key={level}>
            <line
              x1={left}
              x2={width}
              y1={y(level)}
              y2={y(level)}
              className={level === 0 ? styles.zero : styles.grid}
            />
            <text x={left - 6} y={y(level) + 4} textAnchor="end" className={styles.text}>
              {`${Math.round(100 * level)} %`.replace('-', '−')}
            </text>
          </g>
        ))}
        <text x={left} y={height - 4} className={styles.text}>
          {date(new Date(1000 * from).toISOString())}
        </text>
        <text x={width} y={height - 4} textAnchor="end" className={styles.text}>
          {date(new Date(1000 * to).toISOString())}
        </text>
        <path d={line(present, x, y)} className={styles.before} />
        <path d={line(proposed, x, y)} className={styles.after} />
      </svg>
      <figcaption className={styles.legend}>
        {present.length > 0 && (
          <span>
            <svg width="24" height="8" aria-hidden>
              <path d="M0 4H24" className={styles.before} />
            </svg>{' '}
            {'Before'}
          </span>
        )}
        {proposed.length > 0 && (
          <span>
            <svg width="24" height="8" aria-hidden>
              <path d="M0 4H24" className={styles.after} />
            </svg>{' '}
            {'After'}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

/** The path through the points that are known. */
function line(points: Points, x: (at: number) => number, y: (share: number) => number): string {
  let drawing = false;
  return points
    .map(([at, share]) => {
      const value = numberOf(share as number | null);
      if (value === undefined || !Number.isFinite(value)) {
        drawing = false;
        return '';
      }
      const step = `${drawing ? 'L' : 'M'}${x(Number(at)).toFixed(1)} ${y(value).toFixed(1)}`;
      drawing = true;
      return step;
    })
    .join('');
}

function getStyles(theme: GrafanaTheme2) {
  const stroke = { fill: 'none', strokeWidth: 2, vectorEffect: 'non-scaling-stroke' as const };
  return {
    whole: css({ margin: 0 }),
    chart: css({ display: 'block', width: '100%', maxWidth: 960 }),
    grid: css({ stroke: theme.colors.border.weak }),
    zero: css({ stroke: theme.colors.border.strong }),
    text: css({ fill: theme.colors.text.secondary, fontSize: 11 }),
    before: css({ ...stroke, stroke: theme.colors.text.secondary, strokeDasharray: '5 4' }),
    after: css({ ...stroke, stroke: theme.colors.primary.text }),
    legend: css({ display: 'flex', gap: theme.spacing(2), color: theme.colors.text.secondary }),
  };
}
