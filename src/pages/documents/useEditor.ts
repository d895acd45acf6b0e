import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { deleteDocument, type DocumentId, editorPath, useValidation, writeDocument } from '../../api/documents';
import { type DocumentEntry, type EditedDocument } from '../../api/types';
import { resourceKey, useChange } from '../../api/useResource';
import { type Draft, type DraftId, keepDraft } from './drafts';

/** What is edited. */
export interface Edited {
  id: DraftId;
  /** The current document, or the template of a new one. */
  document: EditedDocument;
  /** Whether it was deleted meanwhile. */
  gone: boolean;
  /** The unsaved text from before. */
  draft?: Draft;
}

/** The text that was loaded or saved last. */
interface Base {
  text: string;
  hash: string;
  /** The hash of the document before the last save, which the cache may still have. */
  replaced?: string;
}

/** The text that is edited, its state and the actions. */
export type EditorState = ReturnType<typeof useEditor>;

/** Edits a text: stores it in the browser while it is unsaved, and saves it without losing others' changes. */
export function useEditor({ id, document, gone, draft }: Edited) {
  const { uid } = useDataSource();
  const client = useQueryClient();
  const [text, setText] = useState(draft?.text ?? document.text);
  // A draft may be based on an older document, or on none: if that has changed, it is a conflict.
  const [base, setBase] = useState<Base>({ text: document.text, hash: draft ? (draft.hash ?? '') : document.hash });
  const validation = useValidation(text);

  const [moved, setMoved] = useState<{ to?: DocumentId }>();
  const unsaved = !moved && text.trim() !== '' && asFile(text) !== asFile(base.text);
  const { kind, name } = id;
  useEffect(() => {
    keepDraft(uid, { kind, name }, unsaved ? { text, hash: base.hash || undefined } : undefined);
  }, [uid, kind, name, text, base.hash, unsaved]);

  // After a refused change the document is loaded again, which shows a conflict.
  const change = useChange((_, make: () => Promise<void>) => make());
  const busy = change.isPending;
  const changed = !busy && !moved && ![base.hash, base.replaced].includes(gone ? '' : document.hash);
  if (changed && !unsaved && !gone) {
    // Nothing was typed, so there is no conflict.
    setBase({ text: document.text, hash: document.hash });
    setText(document.text);
  }
  const conflict = changed ? { theirs: gone ? '' : document.text } : undefined;

  const checked = validation.current ? validation.value : undefined;
  const target = checked?.documents.length === 1 ? checked.documents[0] : undefined;
  const { writable, reason } = target ?? document;
  const barred = writable ? undefined : (reason ?? 'It cannot be changed here.');
  const canSave = unsaved && !busy && !conflict && !barred && Boolean(target && checked?.valid);

  const write = async (to: DocumentEntry) => {
    const sent = asFile(text);
    const same = isSame(to, id);
    const saved = await writeDocument(uid, to, sent, same ? base.hash || undefined : undefined);
    // Also if the page was left meanwhile; text typed since is stored again.
    keepDraft(uid, { kind, name });
    if (same) {
      client.setQueryData(resourceKey(uid, editorPath(id)), { ...document, ...saved, text: sent });
      setBase({ text: sent, hash: saved.hash, replaced: base.hash });
    } else {
      setMoved({ to });
    }
  };
  // A save before the text was checked: done once it is, unless it has errors or was changed.
  const [awaited, setAwaited] = useState<string>();
  const isAwaited = awaited === text && (canSave || validation.waiting);
  if (awaited !== undefined && !isAwaited) {
    setAwaited(undefined);
  }
  const { mutate } = change;
  useEffect(() => {
    if (isAwaited && canSave && target) {
      mutate(() => write(target));
    }
  });
  const remove = async () => {
    await deleteDocument(uid, { kind: id.kind, name: id.name ?? '' }, base.hash);
    setMoved({});
  };
  const settle = (next: string) => {
    setBase(gone ? { text: '', hash: '' } : { text: document.text, hash: document.hash });
    setText(next);
    change.reset();
  };
  return {
    text,
    setText,
    validation,
    /** The validation of the current text; undefined until it is known. */
    checked,
    /** Whether a save would change something. */
    unsaved,
    /** The document of the text; undefined if that is unknown or there are several. */
    target,
    /** Set if somebody else changed the document: its current text, empty if it was deleted. */
    conflict,
    /** Why the text cannot be saved from here, as the backend reports it. */
    barred,
    canSave,
    busy,
    /** Why the last change failed. */
    failure: conflict ? undefined : (change.error ?? undefined),
    /** Whether the text was saved here. */
    saved: change.isSuccess && !unsaved,
    /** Set after a change: the document under its new name, or without one if it was deleted. */
    moved,
    save: () => (canSave && target ? mutate(() => write(target)) : unsaved && setAwaited(text)),
    remove: () => change.mutate(remove),
    /** Continues with the current text of the document. */
    takeTheirs: () => settle(conflict?.theirs ?? ''),
    /** Continues with the typed text: the next save replaces the current document. */
    keepMine: () => settle(text),
    /** Returns to the text that was loaded or saved last. */
    discard: () => setText(base.text),
  };
}

/** Whether both name the same document. */
export const isSame = (a: DocumentId, b: DraftId) => a.kind === b.kind && a.name === b.name;

/** The text as written to a file: with a line feed at its end. */
export const asFile = (text: string) => (text.endsWith('\n') || text === '' ? text : `${text}\n`);
