import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { type Team } from '../api/types';

/** A user-written address, as a link if its protocol is safe, unlike javascript:. */
export function Followed({ address, children, text = children }: { address: string; children: string; text?: string }) {
  return ['http:', 'https:', 'mailto:'].includes(protocolOf(address)) ? (
    <TextLink href={address} external>
      {children}
    </TextLink>
  ) : (
    text
  );
}

function protocolOf(address: string): string {
  try {
    return new URL(address).protocol;
  } catch {
    return '';
  }
}

/** The contacts of a team, as links if possible, by name if the address is hidden. */
export function ContactList({ contacts }: Pick<Team, 'contacts'>) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.list}>
      {contacts.map(({ name, type, target }) => (
        <li key={name}>
          <span className={styles.kind}>{type}</span>{' '}
          <Followed address={type === 'email' && target ? `mailto:${encodeURI(target)}` : target}>
            {target || name}
          </Followed>
        </li>
      ))}
    </ul>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({ margin: theme.spacing(0, 0, 1, 2.5) }),
    kind: css({ color: theme.colors.text.secondary }),
  };
}
