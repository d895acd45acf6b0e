import { TextLink } from '@grafana/ui';
import { type ComponentProps } from 'react';
import { type Named } from '../api/types';
import { usePaths } from '../paths';

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
    <TextLink href={paths.agreement(agreement)} {...looks}>
      {titleOf(agreement)}
    </TextLink>
  );
}
