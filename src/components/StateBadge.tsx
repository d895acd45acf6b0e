import { type IconName } from '@grafana/data';
import { Badge, type BadgeColor } from '@grafana/ui';
import { type Stage, type State } from '../api/types';

interface Props {
  state: State;
  /** The stage of an agreement. Unless active it promises nothing, and the stage is shown instead of the state. */
  stage?: Stage;
  /** A number in the state, shown instead of the word. */
  count?: number;
}

const looks: Record<State, { text: string; icon: IconName; color: BadgeColor }> = {
  breached: { text: 'Breached', icon: 'times-circle', color: 'red' },
  at_risk: { text: 'At risk', icon: 'exclamation-triangle', color: 'orange' },
  no_data: { text: 'No data', icon: 'question-circle', color: 'blue' },
  met: { text: 'Met', icon: 'check-circle', color: 'green' },
  inactive: { text: 'Inactive', icon: 'minus-circle', color: 'darkgrey' },
};

const stages: Record<Exclude<Stage, 'active'>, string> = { draft: 'Draft', proposed: 'Proposed', retired: 'Retired' };

/** A state with its icon and color. */
export function StateBadge({ state, stage = 'active', count }: Props) {
  const look =
    stage === 'active'
      ? { ...looks[state], text: count?.toLocaleString() ?? looks[state].text }
      : ({ text: stages[stage], icon: 'file-alt', color: 'darkgrey' } as const);
  return <Badge {...look} style={{ whiteSpace: 'nowrap' }} />;
}

/** Badge properties by severity of a problem. */
export const severities = {
  error: { text: 'Error', color: 'red', icon: 'times-circle' },
  warning: { text: 'Warning', color: 'orange', icon: 'exclamation-triangle' },
  info: { text: 'Info', color: 'blue', icon: 'info-circle' },
} as const;
