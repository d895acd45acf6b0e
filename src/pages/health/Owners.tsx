import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { type Catalog, type TeamList } from '../../api/types';
import { type Resource, together } from '../../api/useResource';
import { AllGood } from '../../components/AllGood';
import { Loaded } from '../../components/Loaded';
import { LoadingPage } from '../../components/LoadingPage';
import { Section } from '../../components/Section';
import { list } from '../../components/words';
import { usePaths } from '../../paths';
import { type Ownerless, ownerless } from './findings';

interface Props {
  catalog: Resource<Catalog>;
  teams: Resource<TeamList>;
}

/** Teams that cannot be reached or cannot act, and SLOs that nobody promised. */
export function Owners({ catalog, teams }: Props) {
  const styles = useStyles2(getStyles);
  const both = together<{ catalog: Catalog; teams: TeamList }>({ catalog, teams });
  return (
    <Section title={'Missing owners'}>
      <Loaded resource={both} loading={<LoadingPage lines={3} />}>
        {(of) => {
          const found = ownerless(of.catalog, of.teams.teams);
          return found.length === 0 ? (
            <AllGood>{'Each agreement has somebody to call and somebody to decide.'}</AllGood>
          ) : (
            <ul className={styles.list}>
              {found.map((one) => (
                <li key={one.kind === 'no-agreement' ? `slo ${one.slo}` : `${one.kind} ${one.team.name}`}>
                  <Missing of={one} />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Section>
  );
}

function Missing({ of }: { of: Ownerless }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  if (of.kind === 'no-agreement') {
    return (
      <>
        <TextLink href={paths.agreement(of.slo)}>{of.title}</TextLink>{' '}
        <span className={styles.text}>{'is measured, but no agreement names it: nobody has promised it.'}</span>
      </>
    );
  }
  const agreements = short(of.agreements);
  return (
    <>
      <TextLink href={paths.team(of.team.name)}>{of.team.displayName || of.team.name}</TextLink>{' '}
      <span className={styles.text}>
        {of.kind === 'no-contact'
          ? `has no contact: nobody is told when ${agreements} breaks.`
          : `has no members: nobody can approve or sign for it in ${agreements}.`}
      </span>
    </>
  );
}

const named = 3;

const short = (names: string[]) =>
  list(names.length > named ? [...names.slice(0, named), `${names.length - named} others`] : names);

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({ listStyle: 'none', margin: 0, display: 'grid', gap: theme.spacing(1) }),
    text: css({ color: theme.colors.text.secondary }),
  };
}
