import { type Summary } from '../api/types';

/** An agreement that its parties should look at again. */
export interface DueReview {
  name: string;
  title: string;
  /** When they should, an instant. */
  due: string;
  /** Whether that is past. */
  overdue: boolean;
}

/** So long ahead a review is told of: enough to find a date. */
export const reviewNotice = 14;

/** The reviews that are overdue or due within {@link reviewNotice} days, the longest due first. */
export function dueReviews(agreements: Summary[], now: number): DueReview[] {
  const until = now + reviewNotice * 86_400_000;
  return agreements
    .flatMap(({ name, displayName, reviewDue }) =>
      reviewDue && Date.parse(reviewDue) <= until
        ? [{ name, title: displayName || name, due: reviewDue, overdue: Date.parse(reviewDue) < now }]
        : [],
    )
    .sort((a, b) => Date.parse(a.due) - Date.parse(b.due));
}
