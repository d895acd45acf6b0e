import { Alert, Button, ClipboardButton, Modal } from '@grafana/ui';
import { useState } from 'react';
import { type DocumentId, useDiff } from '../../api/documents';
import { LoadingPage } from '../../components/Loaded';
import { asFile } from './useEditor';

interface Props {
  text: string;
  /** The document, if the text is a single one; only then there is a diff. */
  target?: DocumentId;
  /** Set while the text is not that of the current form. */
  disabled?: boolean;
}

/** Tools to use a text elsewhere, as in a pull request: copy, download, or the diff of its file. */
export function CopyTools({ text, target, disabled }: Props) {
  const [comparing, setComparing] = useState(false);
  const name = target ? `${target.kind}-${target.name}`.toLowerCase().replace(/[^a-z0-9]/g, '-') : 'document';
  return (
    <>
      <CopyAndDownload file={`${name}.yaml`} text={asFile(text)} disabled={disabled} />
      <Button variant="secondary" icon="code-branch" disabled={!target} onClick={() => setComparing(true)}>
        Diff
      </Button>
      {comparing && target && (
        <Modal isOpen title="Diff for a pull request" onDismiss={() => setComparing(false)}>
          <p>
            Apply it in the folder of documents with <code>git apply</code>.
          </p>
          <Diff label="The change" id={target} text={text} file={`${name}.patch`} />
        </Modal>
      )}
    </>
  );
}

function CopyAndDownload({ file, text, disabled }: { file: string; text: string; disabled?: boolean }) {
  return (
    <>
      {/* A label of its own, because the text is hidden after copying. */}
      <ClipboardButton variant="secondary" icon="copy" disabled={disabled} aria-label="Copy" getText={() => text}>
        Copy
      </ClipboardButton>
      <Button variant="secondary" icon="download-alt" disabled={disabled} onClick={() => download(file, text)}>
        Download
      </Button>
    </>
  );
}

interface DiffProps {
  label: string;
  id: DocumentId;
  text: string;
  /** The file name for a download; absent: it is only shown. */
  file?: string;
}

/** The diff that a text would make to the file of a document. */
export function Diff({ label, id, text, file }: DiffProps) {
  const { value, error } = useDiff(id, asFile(text));
  if (error) {
    return <Alert severity="error" title={error.message} />;
  }
  return value ? (
    <>
      {/* It scrolls, so it must be focusable. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre style={{ maxHeight: '40vh', whiteSpace: 'pre-wrap' }} tabIndex={0} role="region" aria-label={label}>
        {value.patch || 'Nothing would change.'}
      </pre>
      {file && value.patch && (
        <Modal.ButtonRow>
          <CopyAndDownload file={file} text={value.patch} />
        </Modal.ButtonRow>
      )}
    </>
  ) : (
    <LoadingPage />
  );
}

/** Downloads a text as a file. */
function download(name: string, text: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
