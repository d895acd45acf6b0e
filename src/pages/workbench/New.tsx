import { Alert, Button, Stack } from '@grafana/ui';
import { useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { type DocumentList } from '../../api/types';
import { Empty } from '../../components/Empty';
import { instant } from '../../components/words';
import { t } from '../../locales/t';
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
      <Empty kind="not-found" title={t('workbench.new-forbidden', 'New documents are begun by Editors')}>
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
        <Alert
          severity="info"
          title={t('workbench.new-draft', 'You began a new {{kind}} on {{at}}', { kind, at: instant(draft.at) })}
        >
          <p>
            {t('workbench.new-draft-text', 'It was not saved. Filling in the form begins another one in its place.')}
          </p>
          <Stack wrap="wrap">
            <Button onClick={() => setBegun({ text: draft.text, restored: true })}>
              {t('workbench.new-draft-go-on', 'Go on with it')}
            </Button>
            <Button
              variant="secondary"
              onClick={() => {
                dropDraft(uid, { kind });
                setDraft(undefined);
              }}
            >
              {t('workbench.restored.discard', 'Discard it')}
            </Button>
          </Stack>
        </Alert>
      )}
      <Form kind={kind} list={list} onText={(text) => setBegun({ text, restored: false })} />
    </>
  );
}
