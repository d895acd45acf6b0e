import { css } from '@emotion/css';
import { type GrafanaTheme2, type PanelData } from '@grafana/data';
import { ClipboardButton, Collapse, useStyles2 } from '@grafana/ui';
import { useState } from 'react';

interface Props {
  refId: string;
  data?: PanelData;
}

/** The PromQL that was sent for this query, on demand. */
export function ExecutedQueries({ refId, data }: Props) {
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(false);
  const queries = executedQueries(refId, data);
  if (queries.length === 0) {
    return null;
  }
  return (
    <Collapse label={`PromQL sent (${queries.length})`} isOpen={open} onToggle={() => setOpen(!open)}>
      <ul className={styles.list}>
        {queries.map((query) => (
          <li key={query} className={styles.query}>
            <code className={styles.code}>{query}</code>
            <ClipboardButton
              size="sm"
              variant="secondary"
              fill="text"
              icon="copy"
              aria-label="Copy this PromQL"
              getText={() => query}
            />
          </li>
        ))}
      </ul>
    </Collapse>
  );
}

/** Each PromQL query behind the answer once, in order. */
export function executedQueries(refId: string, data?: PanelData): string[] {
  const texts = (data?.series ?? [])
    .filter((frame) => frame.refId === refId)
    .flatMap((frame) => (frame.meta?.executedQueryString ?? '').split('\n'));
  return [...new Set(texts.map((text) => text.trim()).filter(Boolean))];
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', maxHeight: theme.spacing(40), overflowY: 'auto' }),
  query: css({
    display: 'flex',
    alignItems: 'start',
    justifyContent: 'space-between',
    gap: theme.spacing(1),
    padding: theme.spacing(0.5, 0),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  code: css({ whiteSpace: 'pre-wrap', wordBreak: 'break-word', background: 'none', border: 'none' }),
});
