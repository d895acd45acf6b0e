import { type ObjectiveStatus, type State } from '../../api/types';
import { worstFirst } from '../../components/StateBadge';
import { numberOf } from '../../components/words';
import { burnOf, type AgreementRow } from '../agreements/agreementRow';

/** The states that somebody has to do something about, the worst first. */
export const needsAttention: State[] = worstFirst.filter((state) => state !== 'met' && state !== 'inactive');

/** The agreements that are in force; only those count. */
export const inForce = (agreementRows: AgreementRow[]) =>
  agreementRows.filter(({ alone, summary }) => !alone && summary.stage === 'active');

/** How many agreements there are in each state. */
export function counted(agreementRows: AgreementRow[]): Record<State, number> {
  const counts: Record<State, number> = { breached: 0, at_risk: 0, no_data: 0, met: 0, inactive: 0 };
  for (const { state } of agreementRows) {
    if (state) {
      counts[state]++;
    }
  }
  return counts;
}

/** An agreement that needs attention, with the objectives because of which it does. */
export interface Concern {
  agreementRow: AgreementRow;
  reasons: ObjectiveStatus[];
}

/** What needs attention: the worst first, and of those in one state the one with the least budget left. */
export function concerns(agreementRows: AgreementRow[]): Concern[] {
  const rank = (state: State | undefined) => (state ? worstFirst.indexOf(state) : worstFirst.length);
  const left = ({ least }: AgreementRow) => numberOf(least?.remaining) ?? Infinity;
  return agreementRows
    .filter(({ state }) => state && needsAttention.includes(state))
    .sort((a, b) => rank(a.state) - rank(b.state) || left(a) - left(b) || a.title.localeCompare(b.title))
    .map((agreementRow) => ({
      agreementRow,
      reasons: agreementRow.objectives
        .filter(({ state }) => needsAttention.includes(state))
        .sort((a, b) => rank(a.state) - rank(b.state)),
    }));
}

/** An objective whose budget would not last if the last hour went on. */
export interface Burning {
  agreementRow: AgreementRow;
  objective: ObjectiveStatus;
}

/** What burned faster than its budget lasts over the last hour, the fastest first. */
export function burning(agreementRows: AgreementRow[]): Burning[] {
  const rate = ({ objective }: Burning) => burnOf(objective) ?? 0;
  return agreementRows
    .flatMap((agreementRow) => agreementRow.objectives.map((objective) => ({ agreementRow, objective })))
    .filter((one) => rate(one) > 1)
    .sort((a, b) => rate(b) - rate(a));
}
