import { stringify } from 'yaml';

interface Named {
  name: string;
  displayName: string;
}

export interface NewExclusion extends Named {
  reason: string;
  category: string;
  services: string[];
  agreements: string[];
  /** Instants with their offsets, RFC 3339. */
  from: string;
  to: string;
  recurrence: string;
  timeZone: string;
  mode: 'exclude' | 'good';
  requestedBy: string;
  approvedBy?: string;
}

export function exclusionText(x: NewExclusion): string {
  return document('accord/v1', 'Exclusion', x, {
    reason: x.reason,
    category: x.category,
    ...given({ services: x.services, agreements: x.agreements }),
    from: x.from,
    to: x.to,
    ...given({ recurrence: x.recurrence }),
    timeZone: x.timeZone,
    mode: x.mode,
    ...given({ requestedBy: x.requestedBy, approvedBy: x.approvedBy ?? '' }),
  });
}

/** Without what is empty. */
function given(values: Record<string, string | unknown[]>) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value.length > 0));
}

function document(apiVersion: string, kind: string, { name, displayName }: Named, spec: object): string {
  const metadata = { name, ...given({ displayName }) };
  return stringify({ apiVersion, kind, metadata, spec }, { lineWidth: 0, flowCollectionPadding: false });
}

/** A name as the documents take it: lower case letters, digits and hyphens, at most 63. */
export function nameFrom(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}
