import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { type Team } from '../api/types';
import { contactAddress } from './address';

/** The ways to reach a team; as links where a click can get there, by name where the address is not shown. */
export function ContactList({ contacts }: Pick<Team, 'contacts'>) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.list}>
      {contacts.map(({ name, type, target }) => {
        const address = contactAddress(type, target);
        return (
          <li key={name}>
            <span className={styles.kind}>{type}</span>{' '}
            {address ? (
              <TextLink href={address} external>
                {target}
              </TextLink>
            ) : (
              target || name
            )}
          </li>
        );
      })}
    </ul>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({ margin: theme.spacing(0, 0, 1, 2.5) }),
    kind: css({ color: theme.colors.text.secondary }),
  };
}
