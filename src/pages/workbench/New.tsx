import { useState } from 'react';
import { type DocumentList, type EditedDocument } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { keptDraft } from '../documents/drafts';
import { Editor } from '../documents/Editor';
import { Form } from './Form';
import { useDataSource } from '../../api/DataSource';

/** A new agreement: a form to start with, and from there on its text. */
export default function New() {
  const { uid } = useDataSource();
  const list = useResource<DocumentList>('documents').value;
  const template = useResource<EditedDocument>('editor/Agreement');
  const [draft, setDraft] = useState(() => keptDraft(uid, { kind: 'Agreement' }));
  return (
    <Page pageNav={{ text: 'New Agreement' }}>
      <Loaded resource={template}>
        {(document) =>
          draft || !document.mayPropose || !list ? (
            <Editor id={{ kind: 'Agreement' }} document={document} draft={draft} />
          ) : (
            <Form kind="Agreement" list={list} onText={(text) => setDraft({ text, at: '' })} />
          )
        }
      </Loaded>
    </Page>
  );
}
