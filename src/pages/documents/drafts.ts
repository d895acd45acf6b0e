import { store } from '@grafana/data';
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

const keyOf = (uid: string) => `accord-sla-app.drafts.${uid}`;

const isOf = ({ id }: { id: DraftId }, { kind, name }: DraftId) => id.kind === kind && id.name === name;

/** All drafts of a data source, the latest first. */
export const allDrafts = (uid: string) => store.getObject<Array<{ id: DraftId; draft: Draft }>>(keyOf(uid), []);

/** The draft that was kept, if there is one. */
export const keptDraft = (uid: string, id: DraftId) => allDrafts(uid).find((one) => isOf(one, id))?.draft;

/** Keeps a draft, or without one forgets it. Where the browser refuses to store, leaving still asks. */
export function keepDraft(uid: string, id: DraftId, draft?: Draft) {
  const others = allDrafts(uid).filter((one) => !isOf(one, id));
  const all = draft ? [{ id, draft }, ...others] : others;
  try {
    return all.length > 0 ? store.setObject(keyOf(uid), all) : store.delete(keyOf(uid));
  } catch {
    return false;
  }
}
