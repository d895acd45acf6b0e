import { type Summary } from '../../api/types';
import { ReviewList } from '../../components/ReviewList';
import { dueReviews, reviewNotice } from '../../components/reviews';
import { Section } from '../../components/Section';
import { t } from '../../locales/t';

/** The agreements that their parties should look at again, now or soon. */
export function Reviews({ agreements, at }: { agreements: Summary[]; at: string }) {
  const due = dueReviews(agreements, Date.parse(at));
  return (
    <Section title={t('overview.reviews', 'Due for review')}>
      {due.length > 0 ? (
        <ReviewList reviews={due} />
      ) : (
        <p>{t('overview.no-reviews', 'None is due in the next {{count}} days.', { count: reviewNotice })}</p>
      )}
    </Section>
  );
}
