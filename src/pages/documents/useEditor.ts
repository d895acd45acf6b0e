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
  /** As it is now: the text of the document, or the template of a new one. */
  document: EditedDocument;
  /** Whether it was deleted meanwhile. */
  gone: boolean;
  /** What was typed before and not saved, or what a form has made. */
  draft?: Draft;
}

/** What was read or saved last. */
interface Base {
  text: string;
  hash: string;
  /** Of the document that was saved over: it may still be what is known of it. */
  replaced?: string;
}

/** The text that is edited, and what can be done with it. */
export type EditorState = ReturnType<typeof useEditor>;

/** Edits a text: keeps it in the browser while it is unsaved, and saves it without losing anybody's change. */
export function useEditor({ id, document, gone, draft }: Edited) {
  const { uid } = useDataSource();
  const client = useQueryClient();
  const [text, setText] = useState(draft?.text ?? document.text);
  // A draft was made from an older text: where that has changed, both are shown.
  const [base, setBase] = useState<Base>({ text: document.text, hash: draft?.hash ?? document.hash });
  const validation = useValidation(text);

  const [moved, setMoved] = useState<{ to?: DocumentId }>();
  const unsaved = !moved && text.trim() !== '' && asFile(text) !== asFile(base.text);
  const { kind, name } = id;
  useEffect(() => {
    const kept = { text, hash: base.hash || undefined, at: new Date().toISOString() };
    keepDraft(uid, name === undefined ? { kind } : { kind, name }, unsaved ? kept : undefined);
  }, [uid, kind, name, text, base.hash, unsaved]);

  // What is not what was read is read again, and then both are shown.
  const change = useChange((_, make: () => Promise<void>) => make());
  const busy = change.isPending;
  const changed = !busy && !moved && ![base.hash, base.replaced].includes(gone ? '' : document.hash);
  if (changed && !unsaved && !gone) {
    // Nothing was typed that a change by somebody else could meet.
    setBase({ text: document.text, hash: document.hash });
    setText(document.text);
  }
  const conflict = changed && base.hash !== '' ? { theirs: gone ? '' : document.text } : undefined;

  const checked = validation.current ? validation.value : undefined;
  const target = checked?.documents.length === 1 ? checked.documents[0] : undefined;
  const { writable, reason } = target ?? document;
  const barred = writable ? undefined : (reason ?? 'It cannot be changed here.');
  const canSave = unsaved && !busy && !conflict && !barred && Boolean(target && checked?.valid);

  const write = async (to: DocumentEntry) => {
    const sent = asFile(text);
    const same = isSame(to, id);
    const saved = await writeDocument(uid, to, sent, same ? base.hash || undefined : undefined);
    // Also where the page was left meanwhile; what was typed since is kept again.
    keepDraft(uid, { kind, name });
    if (same) {
      client.setQueryData(resourceKey(uid, editorPath(id), undefined), { ...document, ...saved, text: sent });
      setBase({ text: sent, hash: saved.hash, replaced: base.hash });
    } else {
      setMoved({ to });
    }
  };
  // Asked for before the text was checked: done once it is, unless it has errors or is another one by then.
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
    /** What was found in the text as it is now; undefined until that is known. */
    checked,
    /** Whether there is something that a save would change. */
    unsaved,
    /** The one document that the text is; undefined while that is not known, or of several. */
    target,
    /** The document is not the one that was read: its text as it is now, empty when it is gone. */
    conflict,
    /** Why the text cannot be saved from here, in the backend's words. */
    barred,
    canSave,
    busy,
    /** Why the last change was not made. */
    failure: conflict ? undefined : (change.error ?? undefined),
    /** Whether the text was saved here. */
    saved: change.isSuccess && !unsaved,
    /** Where the document is after a change: under its new name, or deleted. */
    moved,
    save: () => (canSave && target ? mutate(() => write(target)) : unsaved && setAwaited(text)),
    remove: () => change.mutate(remove),
    /** Goes on with the text of the document as it is now. */
    takeTheirs: () => settle(conflict?.theirs ?? ''),
    /** Goes on with the text that was typed: the next save replaces what is there now. */
    keepMine: () => settle(text),
    /** Goes back to what was read or saved last. */
    discard: () => setText(base.text),
  };
}

/** Whether both name the same document. */
export const isSame = (a: DocumentId, b: DraftId) => a.kind === b.kind && a.name === b.name;

/** A text as it is put into a file: with one line feed at its end. */
export const asFile = (text: string) => (text.endsWith('\n') || text === '' ? text : `${text}\n`);
