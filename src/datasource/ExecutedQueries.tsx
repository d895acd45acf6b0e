import { type PanelData } from '@grafana/data';
import { Collapse } from '@grafana/ui';
import { useState } from 'react';
import { Queries } from '../components/Queries';

interface Props {
  refId: string;
  data?: PanelData;
}

/** The PromQL that was sent for this query, in a collapsed section. */
export function ExecutedQueries({ refId, data }: Props) {
  const [open, setOpen] = useState(false);
  const queries = executedQueries(refId, data);
  return queries.length === 0 ? null : (
    <Collapse label={`PromQL sent (${queries.length})`} isOpen={open} onToggle={() => setOpen(!open)}>
      <div style={{ maxHeight: 320, overflowY: 'auto' }}>
        <Queries queries={queries} />
      </div>
    </Collapse>
  );
}

/** The distinct PromQL queries behind the response, in order. */
function executedQueries(refId: string, data?: PanelData): string[] {
  const texts = (data?.series ?? [])
    .filter((frame) => frame.refId === refId)
    .flatMap((frame) => (frame.meta?.executedQueryString ?? '').split('\n'));
  return [...new Set(texts.map((text) => text.trim()).filter(Boolean))];
}
