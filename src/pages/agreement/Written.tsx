import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { ClipboardButton, TextLink, useStyles2 } from '@grafana/ui';
import { type Agreement } from '../../api/types';
import { followable } from '../../components/address';
import { Section } from '../../components/Section';
import { Facts } from './Facts';

/** Where the agreement is written, and what else is written about it. */
export function Written({ agreement }: { agreement: Agreement }) {
  const styles = useStyles2(getStyles);
  const place = `${agreement.place.file}:${agreement.place.line}`;
  return (
    <Section title={'Document'}>
      <p className={styles.place}>
        <code>{place}</code>
        <ClipboardButton variant="secondary" size="sm" fill="text" icon="copy" getText={() => place}>
          {'Copy the place'}
        </ClipboardButton>
      </p>
      {agreement.links.length > 0 && (
        <ul className={styles.links}>
          {agreement.links.map((link) => (
            <li key={`${link.title} ${link.url}`}>
              <Link {...link} />
            </li>
          ))}
        </ul>
      )}
      <Facts
        facts={Object.entries({ ...agreement.labels, ...agreement.annotations }).map(([label, value]) => ({
          id: label,
          label,
          value,
        }))}
      />
    </Section>
  );
}

function Link({ title, url }: Agreement['links'][number]) {
  const address = followable(url);
  return address ? (
    <TextLink href={address} external>
      {title || url}
    </TextLink>
  ) : (
    <>
      {title} ({url})
    </>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    place: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
    links: css({ margin: theme.spacing(0, 0, 2, 2.5) }),
  };
}
