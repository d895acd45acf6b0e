import { store } from '@grafana/data';
import { Alert, Button } from '@grafana/ui';
import { instant } from '../../components/figures';

/** Unsaved text, stored in this browser so that neither a reload nor a crash loses it. */
export interface Draft {
  /** The text of the document, or the values of a form as JSON. */
  text: string;
  /** The hash of the document it was made from; absent for a new one. */
  hash?: string;
  /** When it was typed, RFC 3339. */
  at: string;
}

/** The document of a draft; without a name a new one of its kind. */
export interface DraftId {
  kind: string;
  name?: string;
  /** The query of the panel from which a form was filled. */
  query?: string;
}

const keyOf = (uid: string) => `accord-sla-app.drafts.${uid}`;

const isOf = ({ id }: { id: DraftId }, { kind, name, query }: DraftId) =>
  id.kind === kind && id.name === name && id.query === query;

/** All drafts of a data source, the latest first. */
export const allDrafts = (uid: string) => store.getObject<Array<{ id: DraftId; draft: Draft }>>(keyOf(uid), []);

/** The stored draft, if there is one. */
export const keptDraft = (uid: string, id: DraftId) => allDrafts(uid).find((one) => isOf(one, id))?.draft;

/** Stores a draft, or removes it if undefined. If the browser refuses to store, leaving still asks. */
export function keepDraft(uid: string, id: DraftId, draft?: Omit<Draft, 'at'>) {
  const kept = keptDraft(uid, id);
  if (kept?.text === draft?.text && kept?.hash === draft?.hash) {
    return; // It was typed before.
  }
  const others = allDrafts(uid).filter((one) => !isOf(one, id));
  const all = draft ? [{ id, draft: { ...draft, at: new Date().toISOString() } }, ...others] : others;
  try {
    if (all.length > 0) {
      store.setObject(keyOf(uid), all);
    } else {
      store.delete(keyOf(uid));
    }
  } catch {
    // Then the draft is only on the page.
  }
}

/** A notice that a stored draft is shown, which can be discarded. */
export function KeptDraft({ draft, discard }: { draft: Draft; discard: () => void }) {
  return (
    <Alert severity="info" title="This is what you typed before and did not save">
      <p>{`It was kept in this browser on ${instant(draft.at)}.`}</p>
      <Button variant="secondary" onClick={discard}>
        Discard it
      </Button>
    </Alert>
  );
}
