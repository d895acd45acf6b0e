import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { type Agreement, type Report, type State } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Section } from '../../components/Section';
import { StateBadge } from '../../components/StateBadge';
import { usePaths } from '../../paths';

/** What this promise rests on, and which promises rest on it. */
export function Dependencies({ agreement }: { agreement: Agreement }) {
  const all = useResource<{ agreements: Agreement[] }>('agreements').value?.agreements ?? [];
  const known = new Map(all.map((one) => [one.name, one]));
  const up = agreement.dependsOn;
  const down = all.filter(({ dependsOn }) => dependsOn.includes(agreement.name)).map(({ name }) => name);
  if (up.length + down.length === 0) {
    return null;
  }
  // One that is not there would make the whole status fail.
  const asked = [...up, ...down].filter((name) => known.has(name));
  const called = (name: string) => known.get(name)?.displayName || name;
  return (
    <Section title={'Dependencies'}>
      <WithStates names={asked}>
        {(states) => (
          <>
            <Names title={'It rests on'} names={up} called={called} states={states} />
            <Names title={'On it rest'} names={down} called={called} states={states} />
          </>
        )}
      </WithStates>
    </Section>
  );
}

interface WithStatesProps {
  names: string[];
  children: (states: Map<string, State>) => React.ReactNode;
}

function WithStates({ names, children }: WithStatesProps) {
  return names.length > 0 ? <FetchedStates names={names}>{children}</FetchedStates> : children(new Map());
}

function FetchedStates({ names, children }: WithStatesProps) {
  const report = useResource<Report>('status', { agreement: names }).value;
  return children(new Map(report?.agreements.map(({ name, state }) => [name, state])));
}

interface NamesProps {
  title: string;
  names: string[];
  called: (name: string) => string;
  states: Map<string, State>;
}

function Names({ title, names, called, states }: NamesProps) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  if (names.length === 0) {
    return null;
  }
  return (
    <>
      <h3 className={styles.title}>{title}</h3>
      <ul className={styles.list}>
        {names.map((name) => (
          <li key={name} className={styles.item}>
            <TextLink href={paths.agreement(name)}>{called(name)}</TextLink>
            {states.has(name) && <StateBadge state={states.get(name)!} />}
          </li>
        ))}
      </ul>
    </>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    title: css({ ...theme.typography.h5 }),
    list: css({ listStyle: 'none', margin: theme.spacing(0, 0, 2) }),
    item: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(1),
      minHeight: theme.spacing(4),
    }),
  };
}
