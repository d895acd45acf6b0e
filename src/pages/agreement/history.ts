import { DataFrameView, type DataFrame } from '@grafana/data';
import { type State, type Unit } from '../../api/types';

/** How one objective, or one group of it, did in a period. Absent figures are null. */
export interface Period {
  /** Such as 2026-10. */
  period: string;
  /** The values of the objective's groups, in its order. */
  group: string[];
  state: State;
  target: number | null;
  compliance: number | null;
  bad: number | null;
  allowed: number | null;
  remaining: number | null;
  /** The share of the time that counts which was measured. */
  coverage: number | null;
  /** The compliance of every slot of the period, whatever counts. */
  raw: number | null;
  unit: Unit;
  /** Why there are no figures, where there are none. */
  reason: string;
}

/**
 * The rows of a history, newest first, with the raw compliance from the same
 * history in that scope. Periods before anything was measured are left out.
 */
export function periods(adjusted: DataFrame[], raw: DataFrame[], groupBy: string[]): Period[] {
  const key = ({ period, group }: Pick<Period, 'period' | 'group'>) => JSON.stringify([period, group]);
  const inRaw = new Map(read(raw, groupBy).map((row) => [key(row), row.compliance]));
  const rows = read(adjusted, groupBy).map((row) => ({ ...row, raw: inRaw.get(key(row)) ?? null }));
  const measured = rows.filter((row) => row.compliance !== null).map((row) => row.period);
  const first = measured.sort()[0];
  return rows
    .filter((row) => first !== undefined && row.period >= first)
    .sort((a, b) => b.period.localeCompare(a.period) || a.group.join().localeCompare(b.group.join()));
}

function read(frames: DataFrame[], groupBy: string[]): Array<Omit<Period, 'raw'>> {
  return frames.flatMap((frame) =>
    new DataFrameView<Record<string, unknown>>(frame).map((row) => period(row, groupBy)),
  );
}

function period(row: Record<string, unknown>, groupBy: string[]): Omit<Period, 'raw'> {
  const number = (field: string) => (typeof row[field] === 'number' ? (row[field] as number) : null);
  const text = (field: string) => String(row[field] ?? '');
  return {
    period: text('period'),
    group: groupBy.map((label) => text(row[`group_${label}`] === undefined ? label : `group_${label}`)),
    state: text('state') as State,
    target: number('target'),
    compliance: number('compliance'),
    bad: number('bad'),
    allowed: number('allowed'),
    remaining: number('remaining'),
    coverage: number('coverage'),
    unit: text('unit') as Unit,
    reason: text('error') || text('reason'),
  };
}

/** Each PromQL query behind frames once, in order. */
export function executed(frames: DataFrame[]): string[] {
  const texts = frames.flatMap((frame) => (frame.meta?.executedQueryString ?? '').split('\n'));
  return [...new Set(texts.map((text) => text.trim()).filter(Boolean))];
}
