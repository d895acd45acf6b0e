import { Alert, Button, Stack } from '@grafana/ui';
import { createPatch } from 'diff';
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
        theirs ? `Somebody else has changed ${id.kind} ${id.name}` : `Somebody else has deleted ${id.kind} ${id.name}`
      }
    >
      <p>
        {theirs
          ? 'Nothing of either text is lost. Lines with − are theirs, lines with + are yours.'
          : 'What you typed is still here. Saving it makes the document anew.'}
      </p>
      {theirs && (
        <Lines
          label={'Their text against yours'}
          patch={createPatch('', asFile(theirs.text), asFile(text)).split('\n').slice(4).join('\n').trimEnd()}
        />
      )}
      <Stack wrap="wrap">
        <Button variant="secondary" onClick={documentEditor.takeTheirs}>
          {theirs ? 'Take theirs' : 'Leave it deleted'}
        </Button>
        <Button variant="destructive" onClick={documentEditor.keepMine}>
          {theirs ? 'Go on with mine, and replace theirs when I save' : 'Go on with mine'}
        </Button>
      </Stack>
    </Alert>
  );
}
