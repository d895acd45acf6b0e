import { Button, ClipboardButton, ConfirmModal, Modal, Stack } from '@grafana/ui';
import { createTwoFilesPatch } from 'diff';
import { useState } from 'react';
import { ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { tryChange } from '../../api/documents';
import { asFile, fileNameOf } from './documents';
import { Lines } from './Lines';
import { type DocumentEditor } from './useDocumentEditor';

interface Props {
  documentEditor: DocumentEditor;
  /** Why this user cannot save; undefined when they can. */
  barred?: string;
  /** Whether the text has errors, with which it is not written. */
  faulty: boolean;
}

/** What can be done with the text. */
export function Tools({ documentEditor, barred, faulty }: Props) {
  const { text, target, base, unsaved, busy } = documentEditor;
  const [deleting, setDeleting] = useState(false);
  const renamed = base !== undefined && target !== undefined && base.id.name !== target.name;
  return (
    <Stack wrap="wrap" alignItems="center">
      <Button
        icon="save"
        disabled={
          barred !== undefined || !unsaved || !target || faulty || busy || documentEditor.conflict !== undefined
        }
        tooltip={barred}
        onClick={documentEditor.save}
      >
        {renamed ? `Save as ${target.name}` : 'Save'}
      </Button>
      <ClipboardButton
        variant="secondary"
        icon="copy"
        aria-label={'Copy'} // its text hides while it says that it has copied
        getText={() => text}
      >
        {'Copy'}
      </ClipboardButton>
      <Button
        variant="secondary"
        icon="download-alt"
        onClick={() => download(target ? fileNameOf(target) : 'documentEditor.yaml', asFile(text))}
      >
        {'Download'}
      </Button>
      <PullRequest documentEditor={documentEditor} />
      {base && (
        <>
          <Button variant="secondary" icon="history" disabled={!unsaved || busy} onClick={documentEditor.discard}>
            {'Discard changes'}
          </Button>
          <Button
            variant="destructive"
            fill="outline"
            icon="trash-alt"
            disabled={barred !== undefined || busy}
            tooltip={barred}
            onClick={() => setDeleting(true)}
          >
            {'Delete'}
          </Button>
          <ConfirmModal
            isOpen={deleting}
            title={`Delete ${base.id.kind} ${base.id.name}?`}
            body={'It is taken out of its file. Documents that need it keep it from being deleted.'}
            confirmText={'Delete'}
            dismissText={'Keep it'}
            onDismiss={() => setDeleting(false)}
            onConfirm={() => {
              setDeleting(false);
              documentEditor.remove();
            }}
          />
        </>
      )}
    </Stack>
  );
}

/** The change as a unified diff of the file, as git apply takes it. */
function PullRequest({ documentEditor: { text, target } }: { documentEditor: DocumentEditor }) {
  const { uid } = useDataSource();
  const [shown, setShown] = useState<{ patch?: string; error?: string }>();
  async function make() {
    if (!target) {
      return;
    }
    try {
      const { file, before, after } = await tryChange(uid, target, asFile(text));
      setShown({ patch: patchOf(file, before, after) });
    } catch (error) {
      setShown({ error: error instanceof ResourceError ? error.message : String(error) });
    }
  }
  return (
    <>
      <Button variant="secondary" icon="code-branch" disabled={!target} onClick={() => void make()}>
        {'Diff'}
      </Button>
      <Modal isOpen={shown !== undefined} title={'For a pull request'} onDismiss={() => setShown(undefined)}>
        {shown?.error && <p role="alert">{shown.error}</p>}
        {shown?.patch === '' && <p>{'Nothing would change.'}</p>}
        {shown?.patch && (
          <>
            <p>
              {'Paths are relative to the folder of documents. Apply it there with'} <code>git apply</code>.
            </p>
            <Lines label={'The change'} patch={shown.patch.trimEnd()} />
            <Modal.ButtonRow>
              <ClipboardButton icon="copy" aria-label={'Copy'} getText={() => shown.patch!}>
                {'Copy'}
              </ClipboardButton>
              <Button
                variant="secondary"
                icon="download-alt"
                onClick={() => download(`${fileNameOf(target!).replace(/\.yaml$/, '')}.patch`, shown.patch!)}
              >
                {'Download'}
              </Button>
            </Modal.ButtonRow>
          </>
        )}
      </Modal>
    </>
  );
}

/** A unified diff of a file; empty when nothing changes. */
export function patchOf(file: string, before: string | null, after: string): string {
  if (before === after) {
    return '';
  }
  const patch = createTwoFilesPatch(before === null ? '/dev/null' : `a/${file}`, `b/${file}`, before ?? '', after);
  return patch.replace(/^=+\n/, '').replace(/^(---|\+\+\+) (.*?)\t?$/gm, '$1 $2');
}

/** Gives a text to the browser as a file. */
export function download(name: string, text: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
