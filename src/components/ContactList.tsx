import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { type Team } from '../api/types';

/** An address in texts of people, as a link if it may be followed; scripts and the like may not. */
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

/** The ways to reach a team; as links where a click can get there, by name where the address is not shown. */
export function ContactList({ contacts }: Pick<Team, 'contacts'>) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.list}>
      {contacts.map(({ name, type, target }) => (
        <li key={name}>
          <span className={styles.kind}>{type}</span>{' '}
          <Followed address={type === 'email' ? `mailto:${encodeURI(target)}` : target}>{target || name}</Followed>
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
