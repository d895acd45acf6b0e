import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type Agreement } from '../../api/types';
import { Section } from '../../components/Section';
import { type Called, promised } from './promise';

/** The agreement in words that need no knowledge of its figures. */
export function ThePromise({ agreement, called }: { agreement: Agreement; called: Called }) {
  const styles = useStyles2(getStyles);
  const { opening, promises, terms } = promised(agreement, new Date(), called);
  return (
    <Section title={'The promise'}>
      <div className={styles.text}>
        {agreement.description && <p className={styles.description}>{agreement.description.trim()}</p>}
        <p>{opening}</p>
        <ul className={styles.list}>
          {promises.map(({ name, title, sentence, notes }) => (
            <li key={name}>
              <strong>{title}.</strong> {sentence}
              {notes.map((note) => (
                <span key={note} className={styles.note}>
                  {note}
                </span>
              ))}
            </li>
          ))}
        </ul>
        <p>{terms.join(' ')}</p>
      </div>
    </Section>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    text: css({ maxWidth: '80ch' }),
    description: css({ whiteSpace: 'pre-line', color: theme.colors.text.secondary }),
    list: css({ margin: theme.spacing(0, 0, 2, 3), '& li': { marginBottom: theme.spacing(1) } }),
    note: css({ display: 'block', color: theme.colors.text.secondary }),
  };
}
