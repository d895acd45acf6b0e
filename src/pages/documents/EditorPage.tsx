import { Alert, EmptyState, LinkButton } from '@grafana/ui';
import { type ComponentProps, useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { editorPath } from '../../api/documents';
import { type EditedDocument } from '../../api/types';
import { useResource } from '../../api/useResource';
import { ErrorPage, LoadingPage } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { usePaths } from '../../paths';
import { type DraftId, keptDraft } from './drafts';
import { Editor } from './Editor';

/** The editor of a document, or without a name of a new one of the kind, with its unsaved draft. */
export function EditorPage(id: DraftId) {
  const { uid } = useDataSource();
  const paths = usePaths();
  const { kind, name } = id;
  const resource = useResource<EditedDocument>(editorPath(id));
  // The draft when the page was opened; from then on the editor stores it.
  const [draft] = useState(() => keptDraft(uid, id));
  const [known, setKnown] = useState(resource.value);
  if (resource.value && resource.value !== known) {
    setKnown(resource.value);
  }
  const { error } = resource;
  const gone = error?.status === 404;
  // The text stays if the backend fails; a deleted document can be saved as a new one.
  const document = resource.value ?? known ?? (gone && draft ? { ...absent, kind, name: name ?? '' } : undefined);
  const pageNav = name
    ? { text: document?.displayName || name, subTitle: `${kind} ${name}`, url: paths.documents({ kind, name }) }
    : { text: `New ${kind}` };
  return (
    <Page pageNav={pageNav} subTitle={document?.file ? `${kind} in ${document.file}:${document.line}` : undefined}>
      {document && <Editor id={id} document={document} gone={gone} draft={draft} />}
      {!document && !error && <LoadingPage />}
      {!document && error && <NotEditable error={error} reload={resource.reload} />}
    </Page>
  );
}

/** The fields of a document that no longer exists. */
const absent = { file: '', line: 0, hash: '', text: '', mayPropose: true, writable: true };

function NotEditable({ error, reload }: ComponentProps<typeof ErrorPage>) {
  const paths = usePaths();
  if (error.status === 404) {
    const back = <LinkButton href={paths.documents()}>All documents</LinkButton>;
    return (
      <EmptyState role="status" variant="not-found" message="There is no such document" button={back}>
        {error.message}
      </EmptyState>
    );
  }
  return error.status === 409 ? (
    <Alert severity="info" title="It can only be changed in its file">
      {error.message}
    </Alert>
  ) : (
    <ErrorPage error={error} reload={reload} />
  );
}
