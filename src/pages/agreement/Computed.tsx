import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { ClipboardButton, LinkButton, Stack, Text, useStyles2 } from '@grafana/ui';
import { type ObjectiveRow } from '../../api/types';
import { exploreLink } from './links';

/** How the figures of an objective came about, with the real numbers, and the queries behind them. */
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
      <Queries title="Queries as they are written" queries={written.map(({ part, text }) => `# ${part}\n${text}`)} />
      <Queries title="Queries as Prometheus is asked" queries={queries} explorable />
    </div>
  );
}

function Queries({ title, queries, explorable }: { title: string; queries: string[]; explorable?: boolean }) {
  const styles = useStyles2(getStyles);
  // Which of several Prometheus data sources is asked can be changed in Explore.
  const all = explorable ? getDataSourceSrv().getList({ type: 'prometheus' }) : [];
  const prometheus = all.find(({ isDefault }) => isDefault) ?? all[0];
  return queries.length > 0 ? (
    <>
      <Text element="h4" variant="h6">
        {title}
      </Text>
      {queries.map((text) => (
        <Stack key={text} wrap="wrap" alignItems="start" gap={1}>
          <pre className={styles.code}>{text}</pre>
          <ClipboardButton variant="secondary" size="sm" icon="copy" getText={() => text}>
            Copy
          </ClipboardButton>
          {prometheus && (
            <LinkButton
              variant="secondary"
              size="sm"
              icon="compass"
              href={exploreLink(prometheus, { expr: text, range: true, editorMode: 'code' })}
            >
              Explore
            </LinkButton>
          )}
        </Stack>
      ))}
    </>
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
    code: css({ flex: '1 1 260px', minWidth: 0, margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
  };
}
