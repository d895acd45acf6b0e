import { type Health } from '../../api/types';
import { AllGood } from '../../components/AllGood';
import { ReviewList } from '../../components/ReviewList';
import { Section } from '../../components/Section';

interface Props {
  due: Health['reviewsDue'];
  /** The name that people know an agreement by. */
  titled: (agreement: string) => string;
}

/** The reviews whose day is past. */
export function ReviewsDue({ due, titled }: Props) {
  return (
    <Section title={'Overdue reviews'}>
      {due.length > 0 ? (
        <ReviewList
          reviews={due
            .map(({ agreement, since }) => ({
              name: agreement,
              title: titled(agreement),
              due: since,
              overdue: true,
            }))
            .sort((a, b) => Date.parse(a.due) - Date.parse(b.due))}
        />
      ) : (
        <AllGood>{'None is overdue.'}</AllGood>
      )}
    </Section>
  );
}
