import {
  type AgreementStatus,
  type Catalog,
  type ObjectiveStatus,
  type Report,
  type SLOStatus,
  type State,
  type Summary,
} from '../../api/types';
import { groupWords, numberOf } from '../../components/words';

/** An agreement, or an SLO that none names, with how it stands. */
export interface AgreementRow {
  summary: Summary;
  /** Whether it is an SLO without an agreement: measured, but promised to nobody. */
  alone: boolean;
  title: string;
  /** Undefined where nothing could be measured at all. */
  state: State | undefined;
  /** The figures of each objective and group. */
  objectives: ObjectiveStatus[];
  /** The one with the least error budget left; undefined when that is known of none. */
  least: ObjectiveStatus | undefined;
  /** The highest burn rate of the last hour among the objectives; undefined when it is known of none. */
  burn: number | undefined;
}

/** The names that people know things by, from those in documents. */
export function titlesOf(named: Array<{ name: string; displayName?: string }>): (name: string) => string {
  const titles = new Map(named.map(({ name, displayName }) => [name, displayName || name]));
  return (name) => titles.get(name) ?? name;
}

/** The burn window that tells what burns now: long enough that a single bad minute is not all of it. */
export const burnWindow = '1h';

/** What is in the catalog, agreements first, with what the report says of it, and of what is left out of the catalog. */
export function agreementRows(
  catalog: Pick<Catalog, 'agreements' | 'slos'>,
  report: Report | undefined,
): AgreementRow[] {
  const agreements = new Map(report?.agreements.map((one) => [one.name, one]));
  const slos = new Map(report?.slos.map((one) => [one.name, one]));
  const served = new Set(catalog.agreements.map(({ name }) => name));
  const leftOut = report?.agreements.filter(({ name }) => !served.has(name)) ?? [];
  return [
    ...catalog.agreements.map((summary) => agreementRow(summary, false, agreements.get(summary.name))),
    ...leftOut.map((status) => agreementRow({ ...status, labels: {}, objectives: [], reviewDue: null }, false, status)),
    ...catalog.slos.map((summary) => agreementRow(summary, true, slos.get(summary.name))),
  ];
}

function agreementRow(summary: Summary, alone: boolean, status: AgreementStatus | SLOStatus | undefined): AgreementRow {
  const objectives = status?.objectives ?? [];
  return {
    summary,
    alone,
    title: summary.displayName || summary.name,
    state: status?.state,
    objectives,
    least: extreme(objectives, (one) => negative(numberOf(one.remaining))),
    burn: burnOf(extreme(objectives, burnOf)),
  };
}

/** The burn rate of the last hour of an objective. */
export function burnOf(objective: ObjectiveStatus | undefined): number | undefined {
  return numberOf(objective?.burn?.[burnWindow]);
}

const negative = (value: number | undefined) => (value === undefined ? undefined : -value);

/** The first of those of which the value is the highest. */
function extreme<T>(all: T[], value: (one: T) => number | undefined): T | undefined {
  let found: T | undefined;
  let highest = -Infinity;
  for (const one of all) {
    const its = value(one);
    if (its !== undefined && (found === undefined || its > highest)) {
      [found, highest] = [one, its];
    }
  }
  return found;
}

/** An objective as people know it, with its group: «Orders placed · region=eu». */
export function objectiveTitle({ summary }: AgreementRow, { name, group }: ObjectiveStatus): string {
  const promised = summary.objectives.find((one) => one.name === name);
  return [promised?.displayName || name, groupWords(group)].filter(Boolean).join(' · ');
}
