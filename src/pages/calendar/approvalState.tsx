import { type GrafanaTheme2, type IconName } from '@grafana/data';
import { list } from '../../components/words';
import { type CalendarExclusion } from '../../api/types';
import { type ApprovalState, approvalStateOf } from './entries';

/** The icon of each approvalState; no two share a shape. */
export const approvalIcons: Record<ApprovalState, IconName> = {
  approved: 'check-circle',
  partly: 'adjust-circle',
  proposed: 'question-circle',
  void: 'minus-circle',
};

/** How an exclusion stands, in words. */
export function standingWords(exclusion: CalendarExclusion): string {
  switch (approvalStateOf(exclusion)) {
    case 'approved':
      return `Approved by ${exclusion.approvedBy}`;
    case 'partly':
      return `Approved by ${exclusion.approvedBy}; without effect in some agreements`;
    case 'proposed':
      return exclusion.approvers.length > 0
        ? `Proposed: awaits the approval of ${list(exclusion.approvers)}`
        : 'Proposed: nobody can approve it';
    case 'void':
      return 'Without effect: no agreement is about it';
  }
}

/** The colours of an exclusion by its approvalState. */
export function approvalColors(theme: GrafanaTheme2, approvalState: ApprovalState) {
  const rich = {
    approved: theme.colors.info,
    partly: theme.colors.info,
    proposed: theme.colors.warning,
    void: undefined,
  }[approvalState];
  return rich
    ? { border: rich.border, text: rich.text, fill: rich.transparent }
    : {
        border: theme.colors.border.medium,
        text: theme.colors.text.secondary,
        fill: theme.colors.background.secondary,
      };
}
