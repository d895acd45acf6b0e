import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { LinkButton, Text, useStyles2 } from '@grafana/ui';
import { type ObjectiveRow } from '../../api/types';
import { Queries } from '../../components/Queries';
import { exploreLink, mayExplore } from './links';

/** How the figures of an objective are computed, with the actual numbers and queries. */
export function Computed({ row: { computed, queries, reason, written } }: { row: ObjectiveRow }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.all}>
      {reason && <p>{reason}</p>}
      <Text element="h3" variant="h5">
        How this is computed
      </Text>
      <dl className={styles.list}>
        {computed.map(({ title, formula, numbers }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{numbers}</dd>
            <dd className={styles.formula}>{formula}</dd>
          </div>
        ))}
      </dl>
      {written.length > 0 && (
        <Text element="h4" variant="h6">
          Queries as they are written
        </Text>
      )}
      <Queries queries={written.map(({ part, text }) => `# ${part}\n${text}`)} />
      {queries.length > 0 && (
        <Text element="h4" variant="h6">
          Queries as Prometheus is asked
        </Text>
      )}
      <Queries queries={queries} action={(expr) => <ExploreButton expr={expr} />} />
    </div>
  );
}

function ExploreButton({ expr }: { expr: string }) {
  // With several Prometheus data sources, another one can be chosen in Explore.
  const all = getDataSourceSrv().getList({ type: 'prometheus' });
  const prometheus = all.find(({ isDefault }) => isDefault) ?? all[0];
  return prometheus && mayExplore() ? (
    <LinkButton
      variant="secondary"
      size="sm"
      icon="compass"
      href={exploreLink(prometheus, { expr, range: true, editorMode: 'code' })}
    >
      Explore
    </LinkButton>
  ) : null;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    all: css({ padding: theme.spacing(1), maxWidth: '100%' }),
    list: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 240px), 1fr))',
      gap: theme.spacing(1, 2),
      '& dd': { margin: 0, fontVariantNumeric: 'tabular-nums' },
    }),
    formula: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  };
}
