import { Alert, Button, Stack } from '@grafana/ui';
import { useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { type DocumentList } from '../../api/types';
import { Empty } from '../../components/Empty';
import { instant } from '../../components/words';
import { DocumentEditorView } from './DocumentEditorView';
import { dropDraft, keptDraft } from './drafts';
import { Form } from './Form';
import { type FormKind } from './newDocument';

interface Props {
  kind: FormKind;
  list: DocumentList;
  reload: () => void;
}

/** A new document: a form to begin with, and from there on its text. */
export function New({ kind, list, reload }: Props) {
  const { uid } = useDataSource();
  const [draft, setDraft] = useState(() => keptDraft(uid, { kind }));
  const [begun, setBegun] = useState<{ text: string; restored: boolean }>();

  if (!list.mayPropose) {
    return (
      <Empty kind="not-found" title={'New documents are begun by Editors'}>
        {list.reason}
      </Empty>
    );
  }
  if (begun) {
    return (
      <DocumentEditorView
        draftId={{ kind }}
        text={begun.text}
        restored={begun.restored ? draft : undefined}
        list={list}
        reload={reload}
      />
    );
  }
  return (
    <>
      {draft && (
        <Alert severity="info" title={`You began a new ${kind} on ${instant(draft.at)}`}>
          <p>{'It was not saved. Filling in the form begins another one in its place.'}</p>
          <Stack wrap="wrap">
            <Button onClick={() => setBegun({ text: draft.text, restored: true })}>{'Go on with it'}</Button>
            <Button
              variant="secondary"
              onClick={() => {
                dropDraft(uid, { kind });
                setDraft(undefined);
              }}
            >
              {'Discard it'}
            </Button>
          </Stack>
        </Alert>
      )}
      <Form kind={kind} list={list} onText={(text) => setBegun({ text, restored: false })} />
    </>
  );
}
