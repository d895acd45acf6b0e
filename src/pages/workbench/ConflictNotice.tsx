import { Alert, Button, Stack } from '@grafana/ui';
import { createPatch } from 'diff';
import { t } from '../../locales/t';
import { asFile } from './documents';
import { Lines } from './Lines';
import { type DocumentEditor } from './useDocumentEditor';

/** Says that somebody else has changed the document, shows both texts, and lets choose. */
export function ConflictNotice({ documentEditor }: { documentEditor: DocumentEditor }) {
  const { conflict, text } = documentEditor;
  if (!conflict) {
    return null;
  }
  const { id, theirs } = conflict;
  return (
    <Alert
      severity="warning"
      title={
        theirs
          ? t('workbench.conflict.changed', 'Somebody else has changed {{kind}} {{name}}', { ...id })
          : t('workbench.conflict.gone', 'Somebody else has deleted {{kind}} {{name}}', { ...id })
      }
    >
      <p>
        {theirs
          ? t(
              'workbench.conflict.text',
              'Nothing of either text is lost. Lines with − are theirs, lines with + are yours.',
            )
          : t('workbench.conflict.gone-text', 'What you typed is still here. Saving it makes the document anew.')}
      </p>
      {theirs && (
        <Lines
          label={t('workbench.conflict.difference', 'Their text against yours')}
          patch={createPatch('', asFile(theirs.text), asFile(text)).split('\n').slice(4).join('\n').trimEnd()}
        />
      )}
      <Stack wrap="wrap">
        <Button variant="secondary" onClick={documentEditor.takeTheirs}>
          {theirs ? t('workbench.conflict.take', 'Take theirs') : t('workbench.conflict.take-gone', 'Leave it deleted')}
        </Button>
        <Button variant="destructive" onClick={documentEditor.keepMine}>
          {theirs
            ? t('workbench.conflict.keep', 'Go on with mine, and replace theirs when I save')
            : t('workbench.conflict.keep-gone', 'Go on with mine')}
        </Button>
      </Stack>
    </Alert>
  );
}
