import { type Effect, type EffectFigures, type ObjectiveStatus, type PeriodStatus } from '../../api/types';
import { budgetLeft, groupWords, percent, stateWord } from '../../components/words';
import { plural } from '../../components/words';

/** One objective, or one group of it, before and after a change. */
export interface Difference {
  objective: string;
  /** The labels of the group; empty without any. */
  group: string;
  /** Over the last 90 days; undefined where it is not promised. */
  before?: ObjectiveStatus;
  after?: ObjectiveStatus;
  /** By month, the oldest first. */
  months: Array<{ period: string; before?: PeriodStatus; after?: PeriodStatus }>;
  /** What the change would have meant, sentence by sentence. */
  words: string[];
  /** Whether it would have meant anything. */
  changes: boolean;
}

/** What a change would have meant for an agreement, objective by objective. */
export function differences({ before, after }: Effect): Difference[] {
  const old = byObjective(before);
  const made = byObjective(after);
  return [...new Set([...old.keys(), ...made.keys()])].map((key) => {
    const [was, is] = [old.get(key), made.get(key)];
    const one = (is ?? was)!.status;
    const periods = [...new Set([...(was?.months ?? []), ...(is?.months ?? [])].map(({ period }) => period))].sort();
    const months = periods.map((period) => ({
      period,
      before: was?.months.find((month) => month.period === period),
      after: is?.months.find((month) => month.period === period),
    }));
    return {
      objective: one.name,
      group: groupWords(one.group),
      before: was?.status,
      after: is?.status,
      months,
      ...sentences(was?.status, is?.status, months),
    };
  });
}

interface Side {
  status: ObjectiveStatus;
  months: PeriodStatus[];
}

function byObjective(figures: EffectFigures | null): Map<string, Side> {
  const key = ({ name, group }: ObjectiveStatus) => JSON.stringify([name, groupWords(group)]);
  const sides = new Map<string, Side>();
  for (const status of figures?.last90Days.objectives ?? []) {
    sides.set(key(status), { status, months: (figures?.months ?? []).filter((month) => key(month) === key(status)) });
  }
  return sides;
}

function sentences(
  before: ObjectiveStatus | undefined,
  after: ObjectiveStatus | undefined,
  months: Difference['months'],
): Pick<Difference, 'words' | 'changes'> {
  const words = changesOf(before, after, months);
  return words.length > 0
    ? { words, changes: true }
    : {
        words: ['Over the last 90 days it would have made no difference.'],
        changes: false,
      };
}

function changesOf(
  before: ObjectiveStatus | undefined,
  after: ObjectiveStatus | undefined,
  months: Difference['months'],
): string[] {
  if (!after) {
    return ['It would no longer be promised.'];
  }
  if (after.error) {
    return [`It cannot be measured: ${after.error}`];
  }
  if (!before) {
    return [fresh(after)];
  }
  return [...targets(before, after), ...figures(before, after), ...kept(months)];
}

function fresh(after: ObjectiveStatus): string {
  const values = { compliance: percent(after.compliance), target: percent(after.target), state: state(after) };
  return after.state === 'no_data'
    ? `It is new, and nothing of the last 90 days is known: ${after.reason || 'there are no measurements'}.`
    : `It is new. Over the last 90 days ${values.compliance} was good, with a target of ${values.target}: ${values.state}.`;
}

function targets(before: ObjectiveStatus, after: ObjectiveStatus): string[] {
  return before.target === after.target
    ? []
    : [`The target would be ${percent(after.target)} instead of ${percent(before.target)}.`];
}

/** Only what is written differently is told; a difference that nobody can see is none. */
function figures(before: ObjectiveStatus, after: ObjectiveStatus): string[] {
  const all: string[] = [];
  const compare = (
    say: (values: { before: string; after: string }) => string,
    of: (one: ObjectiveStatus) => string,
  ) => {
    const values = { before: of(before), after: of(after) };
    if (values.before !== values.after) {
      all.push(say(values));
    }
  };
  compare(
    (values) => `Over the last 90 days ${values.after} would have been good instead of ${values.before}.`,
    (one) => percent(one.compliance),
  );
  compare((values) => `Of the error budget ${values.after} would be left instead of ${values.before}.`, budgetLeft);
  compare((values) => `It would have been ${values.after} instead of ${values.before}.`, state);
  return all;
}

function kept(months: Difference['months']): string[] {
  const count = (side: 'before' | 'after') =>
    months.filter((month) => month[side]?.state === 'met' || month[side]?.state === 'at_risk').length;
  const [before, after] = [count('before'), count('after')];
  return before === after
    ? []
    : [
        plural(
          after,
          `Of the last ${months.length} months ${after} would have been kept instead of ${before}.`,
          `Of the last ${months.length} months ${after} would have been kept instead of ${before}.`,
        ),
      ];
}

const state = (one: ObjectiveStatus) => stateWord(one.state).toLowerCase();
