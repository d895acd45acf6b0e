import { useCallback, useEffect, useState } from 'react';
import { ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { deleteDocument, type DocumentId, type DocumentText, readDocument, writeDocument } from '../../api/documents';
import { type Problem, type Refusal } from '../../api/types';
import { asFile, documentsIn } from './documents';
import { type DraftId, dropDraft, keepDraft } from './drafts';

/** A document as it was read or written last. */
export interface Base extends DocumentText {
  id: DocumentId;
}

/** The document is not what it was when the text was begun. */
export interface Conflict {
  id: DocumentId;
  /** As it is now; undefined when it is gone. */
  theirs?: DocumentText;
}

/** Why a change was not made. */
export interface Failure {
  error: ResourceError;
  problems: Problem[];
}

/** What is edited, and what became of it. */
export interface DocumentEditor {
  text: string;
  setText: (text: string) => void;
  /** What was read or written last; undefined of a new document. */
  base?: Base;
  /** Whether there is something that a save would change. */
  unsaved: boolean;
  /** The one document that the text is; undefined when it is none, or several. */
  target?: DocumentId;
  /** How many documents the text has. */
  documents: number;
  busy: boolean;
  /** When it was saved last, in milliseconds. */
  savedAt?: number;
  failure?: Failure;
  conflict?: Conflict;
  /** Whether it was deleted here. */
  gone: boolean;
  save: () => void;
  remove: () => void;
  /** Goes on with their text; what was typed can be had back by undo. */
  takeTheirs: () => void;
  /** Knows of theirs, and goes on with the text that was typed: the next save replaces theirs. */
  keepMine: () => void;
  /** Goes back to what was read or written last. */
  discard: () => void;
  /** Looks whether somebody else has changed the document. */
  compare: () => void;
}

interface Start {
  draftId: DraftId;
  base?: Base;
  text: string;
  /** When it was saved as a new one, which is said at its own address. */
  savedAt?: number;
}

/** Edits a text: keeps it in the browser while it is unsaved, and saves it without losing anybody's change. */
export function useDocumentEditor({ draftId, base: first, text: begun, savedAt: before }: Start): DocumentEditor {
  const { uid } = useDataSource();
  const [text, setText] = useState(begun);
  const [base, setBase] = useState(first);
  const [busy, setBusy] = useState(false);
  const [savedAt, setSavedAt] = useState(before);
  const [failure, setFailure] = useState<Failure>();
  const [conflict, setConflict] = useState<Conflict>();
  const [gone, setGone] = useState(false);

  const found = documentsIn(text);
  const target = found.length === 1 ? found[0] : undefined;
  const unsaved = !gone && text.trim() !== '' && (!base || asFile(text) !== asFile(base.text));

  const draftKey = JSON.stringify(draftId);
  const hash = base?.hash;
  useEffect(() => {
    const id = JSON.parse(draftKey) as DraftId;
    if (unsaved) {
      keepDraft(uid, id, { text, hash, at: new Date().toISOString() });
    } else {
      dropDraft(uid, id);
    }
  }, [uid, draftKey, text, unsaved, hash]);

  /** Their document as it is now; undefined when there is none. */
  const theirsOf = useCallback(
    (id: DocumentId) =>
      readDocument(uid, id).catch((error: ResourceError) => {
        if (error.status === 404) {
          return undefined;
        }
        throw error;
      }),
    [uid],
  );

  async function attempt(id: DocumentId, change: () => Promise<void>) {
    setBusy(true);
    setFailure(undefined);
    try {
      await change();
      setConflict(undefined);
    } catch (error) {
      await explain(id, error);
    }
    setBusy(false);
  }

  /** Shows both texts where the document is not what it was; else says why nothing was changed. */
  async function explain(id: DocumentId, thrown: unknown) {
    let error = thrown instanceof ResourceError ? thrown : new ResourceError(String(thrown), 0);
    if (error.status === 412 || (error.status === 404 && base)) {
      try {
        setConflict({ id, theirs: await theirsOf(id) });
        return;
      } catch (unread) {
        error = unread as ResourceError;
      }
    }
    setFailure({ error, problems: (error.body as Refusal | undefined)?.problems ?? [] });
  }

  const save = () => {
    if (!target || busy) {
      return;
    }
    const sent = asFile(text);
    void attempt(target, async () => {
      const known = base && isSame(base.id, target) ? base.hash : undefined;
      const entry = await writeDocument(uid, target, sent, known);
      setBase({ id: target, text: sent, hash: entry.hash });
      setSavedAt(Date.now());
    });
  };

  const remove = () => {
    if (base && !busy) {
      void attempt(base.id, async () => {
        await deleteDocument(uid, base.id, base.hash);
        setGone(true);
      });
    }
  };

  const settle = (next: string) => {
    if (conflict) {
      setBase(conflict.theirs && { id: conflict.id, ...conflict.theirs });
      setText(next);
      setConflict(undefined);
      setFailure(undefined);
    }
  };

  const compare = useCallback(() => {
    if (base) {
      theirsOf(base.id).then(
        (theirs) => theirs?.hash !== base.hash && setConflict({ id: base.id, theirs }),
        () => undefined, // Saving will tell.
      );
    }
  }, [base, theirsOf]);

  return {
    text,
    setText,
    base,
    unsaved,
    target,
    documents: found.length,
    busy,
    savedAt,
    failure,
    conflict,
    gone,
    save,
    remove,
    takeTheirs: () => settle(conflict?.theirs?.text ?? ''),
    keepMine: () => settle(text),
    discard: () => setText(base?.text ?? ''),
    compare,
  };
}

/** Whether both name the same document. */
export function isSame(a: DocumentId, b: DocumentId): boolean {
  return a.kind === b.kind && a.name === b.name;
}
