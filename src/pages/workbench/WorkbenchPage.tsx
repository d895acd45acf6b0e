import { useState } from 'react';
import { useParams, useSearchParams } from 'react-router-dom';
import { useDataSource } from '../../api/DataSource';
import { type DocumentList } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { usePaths } from '../../paths';
import { DocumentPicker } from './DocumentPicker';
import { Existing } from './Existing';
import { isFormKind } from './newDocument';
import { New } from './New';

/** Documents, as text: choose one or begin one, check it, see what it would mean, save it. */
export default function WorkbenchPage() {
  const { uid } = useDataSource();
  const paths = usePaths();
  const { kind, name } = useParams();
  const [search] = useSearchParams();
  const documents = useResource<DocumentList>('documents');
  // What is typed stays, whatever becomes of the list.
  const [last, setLast] = useState<{ uid: string; list: DocumentList }>();
  if (documents.value && (documents.value !== last?.list || last.uid !== uid)) {
    setLast({ uid, list: documents.value });
  }
  const list = documents.value ?? (last?.uid === uid ? last.list : undefined);
  const begun = search.get('new');

  if (list && kind && name) {
    return (
      <Page pageNav={{ text: `${kind} ${name}`, url: paths.documents({ kind, name }) }}>
        <Existing key={JSON.stringify([uid, kind, name])} id={{ kind, name }} list={list} reload={documents.reload} />
      </Page>
    );
  }
  if (list && isFormKind(begun)) {
    return (
      <Page pageNav={{ text: `New ${begun}` }}>
        <New key={JSON.stringify([uid, begun])} kind={begun} list={list} reload={documents.reload} />
      </Page>
    );
  }
  return (
    <Page subTitle={'What was agreed lies in documents. Here they are read, checked, tried and changed.'}>
      <Loaded resource={documents}>{(value) => <DocumentPicker list={value} />}</Loaded>
    </Page>
  );
}
