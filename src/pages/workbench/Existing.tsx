import { Alert, LinkButton } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { type ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type DocumentId, type DocumentText, readDocument } from '../../api/documents';
import { type DocumentList } from '../../api/types';
import { Empty } from '../../components/Empty';
import { ErrorPage } from '../../components/ErrorPage';
import { LoadingPage } from '../../components/LoadingPage';
import { usePaths } from '../../paths';
import { DocumentEditorView } from './DocumentEditorView';
import { keptDraft } from './drafts';
import { isSame } from './useDocumentEditor';

interface Props {
  id: DocumentId;
  list: DocumentList;
  reload: () => void;
}

/** A document that is there, with what was typed before and not saved. */
export function Existing({ id, list, reload }: Props) {
  const { uid } = useDataSource();
  const paths = usePaths();
  const { kind, name } = id;
  const [read, setRead] = useState<{ document?: DocumentText; error?: ResourceError }>({});
  const [turn, setTurn] = useState(0);
  // As it was when the page was opened; from then on the editor keeps it.
  const [draft] = useState(() => keptDraft(uid, id));

  useEffect(() => {
    const abort = new AbortController();
    readDocument(uid, { kind, name }, abort.signal).then(
      (document) => !abort.signal.aborted && setRead({ document }),
      (error: ResourceError) => !abort.signal.aborted && setRead({ error }),
    );
    return () => abort.abort();
  }, [uid, kind, name, turn]);

  const { document, error } = read;
  const entry = list.rows.find((one) => isSame(one, id));
  if (document || (error?.status === 404 && draft)) {
    return (
      <>
        {entry && (
          <p>
            <code>{`${entry.file}:${entry.line}`}</code>
          </p>
        )}
        {!document && (
          <Alert severity="warning" title={`There is no ${id.kind} ${id.name} any more`}>
            {'It was deleted or renamed. What you typed is still here.'}
          </Alert>
        )}
        <DocumentEditorView
          draftId={id}
          // A draft of an older text is saved on top of that text: the backend tells that it has changed.
          base={document && { id, text: document.text, hash: draft?.hash ?? document.hash }}
          text={draft?.text ?? document?.text ?? ''}
          restored={draft && draft.text !== document?.text ? draft : undefined}
          list={list}
          reload={reload}
        />
      </>
    );
  }
  if (!error) {
    return <LoadingPage />;
  }
  if (error.status === 404) {
    return (
      <Empty
        kind="not-found"
        title={`There is no ${id.kind} ${id.name}`}
        action={<LinkButton href={paths.documents()}>{'All documents'}</LinkButton>}
      >
        {error.message}
      </Empty>
    );
  }
  if (error.status === 409) {
    return (
      <Alert severity="info" title={'It can only be changed in its file'}>
        {error.message} {entry && <code>{`${entry.file}:${entry.line}`}</code>}
      </Alert>
    );
  }
  return <ErrorPage error={error} reload={() => setTurn(turn + 1)} />;
}
