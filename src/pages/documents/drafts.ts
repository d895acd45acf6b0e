import { type DocumentId } from '../../api/documents';

/** Text that was typed and not saved. Kept in this browser, so that neither a reload nor a crash loses it. */
export interface Draft {
  text: string;
  /** Of the document it was made from; absent for a new one. */
  hash?: string;
  /** When it was typed, RFC 3339. */
  at: string;
}

/** A draft is of a document, or the one new document of its kind. */
export type DraftId = DocumentId | { kind: string; name?: undefined };

const prefix = (uid: string) => `accord-sla-app.draft.${encodeURIComponent(uid)}.`;

const keyOf = (uid: string, { kind, name = '' }: DraftId) => `${prefix(uid)}${JSON.stringify([kind, name])}`;

/** The draft that was kept, if there is one. */
export function keptDraft(uid: string, id: DraftId): Draft | undefined {
  return read(keyOf(uid, id));
}

/** Keeps a draft. Does nothing where the browser refuses to store; then leaving still asks. */
export function keepDraft(uid: string, id: DraftId, draft: Draft) {
  try {
    localStorage.setItem(keyOf(uid, id), JSON.stringify(draft));
  } catch {
    // see above
  }
}

export function dropDraft(uid: string, id: DraftId) {
  try {
    localStorage.removeItem(keyOf(uid, id));
  } catch {
    // There is none where nothing can be stored.
  }
}

/** All drafts of a data source, the latest first. */
export function allDrafts(uid: string): Array<{ id: DraftId; draft: Draft }> {
  let keys: string[] = [];
  try {
    keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix(uid)));
  } catch {
    // There is none where nothing can be stored.
  }
  return keys
    .flatMap((key) => {
      const draft = read(key);
      const id = idOf(key.slice(prefix(uid).length));
      return draft && id ? [{ id, draft }] : [];
    })
    .sort((a, b) => b.draft.at.localeCompare(a.draft.at));
}

function idOf(text: string): DraftId | undefined {
  try {
    const [kind, name] = JSON.parse(text) as [string, string];
    return name ? { kind, name } : { kind };
  } catch {
    return undefined; // Not one of ours.
  }
}

function read(key: string): Draft | undefined {
  try {
    const draft = JSON.parse(localStorage.getItem(key) ?? 'null') as Draft | null;
    return typeof draft?.text === 'string' ? draft : undefined;
  } catch {
    return undefined;
  }
}
