import { css } from '@emotion/css';
import { type GrafanaTheme2, type IconName } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import { type State } from '../api/types';
import { stateWord } from './words';

interface Props {
  state: State;
}

/** A state, told by its word, its icon and its colour. */
export function StateBadge({ state }: Props) {
  const styles = useStyles2(getStyles, state);
  return (
    <span className={styles.badge} data-state={state}>
      <Icon name={icons[state]} aria-hidden />
      {stateWord(state)}
    </span>
  );
}

/** The icon of each state; no two share a shape. */
export const icons: Record<State, IconName> = {
  breached: 'times-circle',
  at_risk: 'exclamation-triangle',
  no_data: 'question-circle',
  met: 'check-circle',
  inactive: 'minus-circle',
};

/** The states from the worst to the one that needs nothing. */
export const worstFirst: State[] = ['breached', 'at_risk', 'no_data', 'met', 'inactive'];

/** The colours of a state: for text, and for what is filled with it. */
export function stateColors(theme: GrafanaTheme2, state: State): { text: string; border: string; fill: string } {
  const rich = {
    breached: theme.colors.error,
    at_risk: theme.colors.warning,
    met: theme.colors.success,
    no_data: theme.colors.info,
    inactive: undefined,
  }[state];
  return rich
    ? { text: rich.text, border: rich.border, fill: rich.main }
    : { text: theme.colors.text.secondary, border: theme.colors.border.medium, fill: theme.colors.text.disabled };
}

function getStyles(theme: GrafanaTheme2, state: State) {
  const colors = stateColors(theme, state);
  return {
    badge: css({
      display: 'inline-flex',
      alignItems: 'center',
      gap: theme.spacing(0.5),
      padding: theme.spacing(0.25, 1),
      border: `1px solid ${colors.border}`,
      borderRadius: theme.shape.radius.pill,
      color: colors.text,
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightMedium,
      lineHeight: theme.typography.bodySmall.lineHeight,
      whiteSpace: 'nowrap',
    }),
  };
}
