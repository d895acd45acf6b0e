import {
  type Figure,
  type ObjectiveStatus,
  type Report,
  type StatementEntry,
  type StatementList,
  type Summary,
} from '../../api/types';
import { type Cell } from '../../components/csv';
import { groupWords, numberOf } from '../../components/words';

/** What is told of an objective, or of one group of it, in a period. */
export type Figures = Pick<
  ObjectiveStatus,
  'name' | 'group' | 'state' | 'unit' | 'target' | 'total' | 'bad' | 'compliance' | 'allowed' | 'remaining' | 'coverage'
> & { raw?: Figure; reason?: string };

/** One agreement in a period. */
export interface Row {
  agreement: Summary;
  title: string;
  /** Those that were frozen, where they were, else those of now. */
  objectives: Figures[];
  /** The statement in force: the last one of the period. */
  statement: StatementEntry | undefined;
  /** Whether it can be frozen, and why not. */
  unfrozen: StatementList['unfrozen'][number] | undefined;
}

/** The agreements that promised something in the period, by name. */
export function rows(agreements: Summary[], report: Report | undefined, list: StatementList | undefined): Row[] {
  const measured = new Map(report?.agreements.map(({ name, objectives }) => [name, objectives]));
  const kept = new Map(list?.statements.filter(({ replacedBy }) => !replacedBy).map((one) => [one.agreement, one]));
  const open = new Map(list?.unfrozen.map((one) => [one.agreement, one]));
  return agreements
    .map((agreement) => {
      const statement = kept.get(agreement.name);
      return {
        agreement,
        title: agreement.displayName || agreement.name,
        objectives: figures(measured.get(agreement.name) ?? [], statement),
        statement,
        unfrozen: open.get(agreement.name),
      };
    })
    .filter(({ statement, objectives }) => statement || objectives.some(({ state }) => state !== 'inactive'))
    .sort((a, b) => a.title.localeCompare(b.title));
}

function figures(now: ObjectiveStatus[], statement: StatementEntry | undefined): Figures[] {
  const key = ({ name, group }: Pick<Figures, 'name' | 'group'>) => JSON.stringify([name, groupWords(group)]);
  const raw = new Map(now.map((one) => [key(one), one.raw.compliance]));
  const told: Figures[] =
    statement && !statement.error
      ? statement.objectives
      : now.map((one) => ({ ...one, raw: undefined, reason: one.error || one.reason }));
  return told.map((one) => ({ ...one, raw: raw.get(key(one)) }));
}

/** Whether all the words are found in what a row says of its agreement and parties. */
export function found({ agreement, title }: Row, search: string): boolean {
  const text = [title, agreement.name, agreement.service, agreement.provider, ...agreement.consumers]
    .join('\n')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** A line an objective and group; an absent figure is an empty cell. */
export function csvLines(period: string, all: Row[]): Array<Record<string, Cell>> {
  return all.flatMap(({ agreement, title, objectives, statement }) =>
    objectives.map((one) => ({
      period,
      agreement: agreement.name,
      display_name: title,
      service: agreement.service,
      provider: agreement.provider ?? '',
      consumers: agreement.consumers.join(' '),
      objective: one.name,
      group: groupWords(one.group),
      state: one.state,
      unit: one.unit,
      target: numberOf(one.target),
      total: numberOf(one.total),
      bad: numberOf(one.bad),
      compliance: numberOf(one.compliance),
      raw_compliance: numberOf(one.raw),
      allowed: numberOf(one.allowed),
      remaining: numberOf(one.remaining),
      coverage: numberOf(one.coverage),
      reason: one.reason ?? '',
      statement: statement?.number,
      frozen_at: statement?.frozenAt ?? '',
      digest: statement?.digest ?? '',
    })),
  );
}
