import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, TextLink, useStyles2 } from '@grafana/ui';
import { usePaths } from '../paths';
import { type DueReview } from './reviews';
import { date } from './words';

/** Agreements to look at again, with since or by when. */
export function ReviewList({ reviews }: { reviews: DueReview[] }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  return (
    <ul className={styles.list}>
      {reviews.map(({ name, title, due, overdue }) => (
        <li key={name} className={styles.item}>
          <Icon name={overdue ? 'exclamation-triangle' : 'calendar-alt'} className={styles.icon} aria-hidden />
          <TextLink href={paths.agreement(name)}>{title}</TextLink>
          <span className={styles.when}>{overdue ? `overdue since ${date(due)}` : `due on ${date(due)}`}</span>
        </li>
      ))}
    </ul>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({ listStyle: 'none', margin: 0 }),
    item: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(0, 1),
      minHeight: theme.spacing(4),
    }),
    icon: css({ color: theme.colors.text.secondary }),
    when: css({ color: theme.colors.text.secondary }),
  };
}
