import { ClipboardButton, Stack } from '@grafana/ui';
import { type ReactNode } from 'react';

interface Props {
  queries: string[];
  /** Another action for a query. */
  action?: (query: string) => ReactNode;
}

/** Queries as text, each with a button to copy it. */
export function Queries({ queries, action }: Props) {
  return queries.map((query) => (
    <Stack key={query} wrap="wrap" alignItems="start" gap={1}>
      <pre style={{ flex: '1 1 260px', minWidth: 0, margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {query}
      </pre>
      <ClipboardButton variant="secondary" size="sm" icon="copy" getText={() => query}>
        Copy
      </ClipboardButton>
      {action?.(query)}
    </Stack>
  ));
}
