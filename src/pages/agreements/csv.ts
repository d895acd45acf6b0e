import { type Figure, type ObjectiveStatus } from '../../api/types';
import { csvText, type Cell } from '../../components/csv';
import { groupWords, numberOf } from '../../components/words';
import { type AgreementRow } from './agreementRow';

/**
 * The rows as CSV, a line an objective and group, in the columns of
 * `accord report -o csv` and a few more; an absent figure is an empty cell.
 */
export function csvOf(rows: AgreementRow[], burnWindows: string[]): string {
  const lines = rows.flatMap((row) => {
    const measured: Array<ObjectiveStatus | undefined> = row.objectives.length > 0 ? row.objectives : [undefined];
    return measured.map((objective) => line(row, objective, burnWindows));
  });
  return csvText(lines);
}

function line(row: AgreementRow, o: ObjectiveStatus | undefined, burnWindows: string[]): Record<string, Cell> {
  const { summary } = row;
  return {
    agreement: summary.name,
    display_name: summary.displayName ?? '',
    agreement_state: row.state ?? '',
    objective: o?.name ?? '',
    group: groupWords(o?.group ?? {}),
    service: summary.service,
    provider: summary.provider ?? '',
    consumers: summary.consumers.join(' '),
    stage: row.alone ? '' : summary.stage,
    labels: Object.entries(summary.labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    state: o?.state ?? '',
    reason: o?.reason ?? '',
    window: o?.window ?? '',
    from: o?.from ?? '',
    to: o?.to ?? '',
    unit: o?.unit ?? '',
    target: figure(o?.target),
    total: figure(o?.total),
    bad: figure(o?.bad),
    compliance: figure(o?.compliance),
    allowed: figure(o?.allowed),
    consumed: figure(o?.consumed),
    remaining: figure(o?.remaining),
    exhaustion: o?.exhaustion ?? '',
    projected: figure(o?.projected),
    coverage: figure(o?.coverage),
    raw_total: figure(o?.raw.total),
    raw_bad: figure(o?.raw.bad),
    raw_compliance: figure(o?.raw.compliance),
    method: o?.method ?? '',
    error: o?.error ?? '',
    ...Object.fromEntries(burnWindows.map((window) => [`burn_${window}`, figure(o?.burn?.[window])])),
  };
}

/** Infinite where there is no budget to divide by. */
const figure = (value: Figure | undefined): Cell => numberOf(value);

/** The burn windows that the rows have, from the shortest to the longest. */
export function burnWindowsOf(rows: AgreementRow[]): string[] {
  const all = new Set(rows.flatMap((row) => row.objectives.flatMap((o) => Object.keys(o.burn ?? {}))));
  return [...all].sort((a, b) => seconds(a) - seconds(b));
}

const lengths: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

function seconds(duration: string): number {
  let sum = 0;
  for (const [, count, unit] of duration.matchAll(/(\d+)([smhdw])/g)) {
    sum += Number(count) * lengths[unit];
  }
  return sum;
}
