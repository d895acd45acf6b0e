import { parseAllDocuments } from 'yaml';
import { type DocumentId } from '../../api/documents';

/** The kinds of documents, in the order in which people look for them. */
export const kinds = [
  'Agreement',
  'Exclusion',
  'Team',
  'Calendar',
  'Service',
  'SLO',
  'SLI',
  'AlertPolicy',
  'AlertCondition',
  'AlertNotificationTarget',
  'DataSource',
];

/** The documents in a text that have a kind and a name, as far as it can be read. */
export function documentsIn(text: string): DocumentId[] {
  return parseAllDocuments(text, { logLevel: 'silent' }).flatMap((document) => {
    const read = (value: unknown) => {
      const { kind, metadata } = (value ?? {}) as { kind?: unknown; metadata?: { name?: unknown } | null };
      const name = metadata?.name;
      return typeof kind === 'string' && kind && typeof name === 'string' && name ? [{ kind, name }] : [];
    };
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch {
      return []; // Half-written, or aliases that explode.
    }
    return (Array.isArray(value) ? value : [value]).flatMap(read);
  });
}

/** A text as it is put into a file: with one line feed at its end. */
export function asFile(text: string): string {
  return text.endsWith('\n') || text === '' ? text : `${text}\n`;
}

/** The name for a file of its own. */
export function fileNameOf({ kind, name }: DocumentId): string {
  return `${kind}-${name}`.toLowerCase().replace(/[^a-z0-9]/g, '-') + '.yaml';
}
