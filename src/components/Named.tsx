import { TextLink } from '@grafana/ui';
import { type ComponentProps } from 'react';
import { usePaths } from '../paths';

/** Something with a name and perhaps a display name. */
interface Named {
  name: string;
  displayName?: string;
}

type Looks = Omit<ComponentProps<typeof TextLink>, 'href' | 'children' | 'external'>;

/** The display name, else the name. */
export const titleOf = ({ name, displayName }: Named) => displayName || name;

/** A team, with a link to its page. */
export function TeamLink({ team, ...looks }: Looks & { team: Named }) {
  const paths = usePaths();
  return (
    <TextLink href={paths.team(team.name)} {...looks}>
      {titleOf(team)}
    </TextLink>
  );
}

/** An agreement, with a link to its page. */
export function AgreementLink({ agreement, ...looks }: Looks & { agreement: Named }) {
  const paths = usePaths();
  return (
    <TextLink href={paths.agreement(agreement.name)} {...looks}>
      {titleOf(agreement)}
    </TextLink>
  );
}
