import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import {
  type Answer,
  deleteDocument,
  type DocumentId,
  editorPath,
  useValidation,
  writeDocument,
} from '../../api/documents';
import { type DocumentEntry, type EditedDocument, type Validation } from '../../api/types';
import { resourceKey } from '../../api/useResource';
import { type Draft, type DraftId, keepDraft } from './drafts';

interface Start {
  id: DraftId;
  /** As it is now: the text of the document, or the template of a new one. */
  document: EditedDocument;
  /** Whether it was deleted meanwhile. */
  gone: boolean;
  draft?: Draft;
}

/** What was read or saved last. */
interface Base {
  text: string;
  hash: string;
  /** Of the document that was saved over: it may still be what is known of it. */
  replaced?: string;
}

/** What is edited, and what can be done with it. */
export interface EditorState {
  text: string;
  setText: (text: string) => void;
  validation: Answer<Validation>;
  /** Whether there is something that a save would change. */
  unsaved: boolean;
  /** The one document that the text is; undefined while that is not known, or of several. */
  target?: DocumentEntry;
  /** The document is not the one that was read: its text as it is now, empty when it is gone. */
  conflict?: { theirs: string };
  /** Why the text cannot be saved from here, in the backend's words. */
  barred?: string;
  canSave: boolean;
  busy: boolean;
  /** Why the last change was not made. */
  failure?: ResourceError;
  /** Whether the text was saved here. */
  saved: boolean;
  /** Where the document is after a change: under its new name, or deleted. */
  moved?: { to?: DocumentId };
  save: () => void;
  remove: () => void;
  /** Goes on with the text of the document as it is now. */
  takeTheirs: () => void;
  /** Goes on with the text that was typed: the next save replaces what is there now. */
  keepMine: () => void;
  /** Goes back to what was read or saved last. */
  discard: () => void;
}

/** Edits a text: keeps it in the browser while it is unsaved, and saves it without losing anybody's change. */
export function useEditor({ id, document, gone, draft }: Start): EditorState {
  const { uid } = useDataSource();
  const client = useQueryClient();
  const [text, setText] = useState(draft?.text ?? document.text);
  // A draft was made from an older text: where that has changed, both are shown.
  const [base, setBase] = useState<Base>({ text: document.text, hash: draft?.hash ?? document.hash });
  const validation = useValidation(text);

  const [moved, setMoved] = useState<{ to?: DocumentId }>();
  const unsaved = !moved && text.trim() !== '' && asFile(text) !== asFile(base.text);
  useKeeping(id, text, base.hash, unsaved);

  const change = useMutation<void, ResourceError, () => Promise<void>>({
    mutationFn: (make) => make(),
    // What is not what was read is read again, and then both are shown.
    onSettled: () => void client.invalidateQueries({ queryKey: resourceKey(uid) }),
  });
  const busy = change.isPending;
  const changed = !busy && !moved && ![base.hash, base.replaced].includes(gone ? '' : document.hash);
  if (changed && !unsaved && !gone) {
    // Nothing was typed that a change by somebody else could meet.
    setBase({ text: document.text, hash: document.hash });
    setText(document.text);
  }
  const conflict = changed && base.hash !== '' ? { theirs: gone ? '' : document.text } : undefined;

  const documents = validation.current ? validation.value?.documents : undefined;
  const target = documents?.length === 1 ? documents[0] : undefined;
  const { writable, reason } = target ?? document;
  const barred = writable ? undefined : (reason ?? 'It cannot be changed here.');
  const canSave = unsaved && !busy && !conflict && !barred && Boolean(target && validation.value?.valid);

  const write = async (to: DocumentEntry) => {
    const sent = asFile(text);
    const same = isSame(to, id);
    const saved = await writeDocument(uid, to, sent, same ? base.hash || undefined : undefined);
    if (same) {
      client.setQueryData(resourceKey(uid, editorPath(id), undefined), { ...document, ...saved, text: sent });
      setBase({ text: sent, hash: saved.hash, replaced: base.hash });
    } else {
      setMoved({ to });
    }
  };
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
    unsaved,
    target,
    conflict,
    barred,
    canSave,
    busy,
    failure: conflict ? undefined : (change.error ?? undefined),
    saved: change.isSuccess && !unsaved,
    moved,
    save: () => canSave && target && change.mutate(() => write(target)),
    remove: () => change.mutate(remove),
    takeTheirs: () => settle(conflict?.theirs ?? ''),
    keepMine: () => settle(text),
    discard: () => setText(base.text),
  };
}

/** Keeps a text in the browser while it is unsaved. */
function useKeeping({ kind, name }: DraftId, text: string, hash: string, unsaved: boolean) {
  const { uid } = useDataSource();
  useEffect(() => {
    const id = name === undefined ? { kind } : { kind, name };
    keepDraft(uid, id, unsaved ? { text, hash: hash || undefined, at: new Date().toISOString() } : undefined);
  }, [uid, kind, name, text, hash, unsaved]);
}

/** Whether both name the same document. */
export const isSame = (a: DocumentId, b: DraftId) => a.kind === b.kind && a.name === b.name;

/** A text as it is put into a file: with one line feed at its end. */
export const asFile = (text: string) => (text.endsWith('\n') || text === '' ? text : `${text}\n`);
