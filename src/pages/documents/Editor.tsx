import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, Stack, useStyles2 } from '@grafana/ui';
import { useEffect } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';
import { usePreview } from '../../api/documents';
import { AskedButton } from '../../components/AskedButton';
import { Failure } from '../../components/Loaded';
import { Section } from '../../components/Section';
import { usePaths, withoutBase } from '../../paths';
import { Backtest } from './Backtest';
import { CopyTools, Diff } from './CopyTools';
import { type DraftId, KeptDraft } from './drafts';
import { Preview } from './Preview';
import { type Edited, type EditorState, isSame, useEditor } from './useEditor';
import { useLeaving } from './useLeaving';
import { YamlEditor } from './YamlEditor';

/** The editor of a text, with its problems, its effect on the figures, and the actions. */
export function Editor(edited: Edited) {
  const styles = useStyles2(getStyles);
  const state = useEditor(edited);
  const { id, document } = edited;
  const { text, checked, target, save } = state;
  const question = useLeaving(state.unsaved);
  useMoving(state);

  const valid = checked?.valid === true;
  const mayPropose = document.mayPropose;
  const preview = usePreview(valid && mayPropose ? text : undefined);
  return (
    <Stack direction="column" gap={2}>
      {question}
      <Notices {...edited} state={state} />
      <div className={styles.columns}>
        <Stack direction="column">
          <Tools id={id} state={state} />
          <YamlEditor
            label={`Text of ${id.kind} ${target?.name ?? id.name ?? ''}`.trim()}
            text={text}
            onChange={state.setText}
            onSave={save}
            readOnly={!mayPropose}
            problems={checked?.problems ?? []}
            file={checked?.file}
          />
          <p role="status" className={styles.status}>
            <Status state={state} />
          </p>
        </Stack>
        <Section title="Effect">
          {mayPropose ? (
            <Preview answer={preview} valid={checked?.valid !== false} />
          ) : (
            <p>Previews are for Editors, since what is typed may hold any query.</p>
          )}
        </Section>
      </div>
      {preview.value && preview.value.objectives.length > 0 && (
        <Backtest text={text} ready={valid} objectives={preview.value.objectives} />
      )}
    </Stack>
  );
}

function Status({ state }: { state: EditorState }) {
  const { saved: savedBefore } = (useLocation().state ?? {}) as Saved;
  const { validation, checked, unsaved, saved, busy } = state;
  const found = validation.error
    ? `Not checked: ${validation.error.message}`
    : validation.waiting
      ? 'Checking…'
      : checked?.valid
        ? checked.problems.length > 0
          ? 'No errors, see the warnings'
          : 'No errors'
        : 'There are errors';
  const kept = busy ? 'Saving…' : unsaved ? 'Not saved; kept in this browser' : saved || savedBefore ? 'Saved' : '';
  return <>{[found, kept].filter(Boolean).join(' · ')}</>;
}

function Tools({ id, state }: { id: DraftId; state: EditorState }) {
  const { target, unsaved, busy, barred } = state;
  const isNew = id.name === undefined;
  return (
    <Stack wrap="wrap" alignItems="center">
      <Button icon="save" disabled={!state.canSave} tooltip={barred} onClick={state.save}>
        {target && !isNew && !isSame(target, id) ? `Save as ${target.name}` : 'Save'}
      </Button>
      <CopyTools text={state.text} target={target} />
      <Button variant="secondary" icon="history" disabled={!unsaved || busy} onClick={state.discard}>
        Discard changes
      </Button>
      {!isNew && (
        <AskedButton
          variant="destructive"
          fill="outline"
          icon="trash-alt"
          disabled={barred !== undefined || busy}
          tooltip={barred}
          ask={{
            title: `Delete ${id.kind} ${id.name}?`,
            body: 'It is taken out of its file. Documents that need it keep it from being deleted.',
            confirmText: 'Delete',
          }}
          onConfirm={state.remove}
        >
          Delete
        </AskedButton>
      )}
    </Stack>
  );
}

function Notices({ id, state, document, draft }: Edited & { state: EditorState }) {
  const { barred, failure, target, checked } = state;
  return (
    <>
      {barred && (
        <Alert severity="info" title={document.mayPropose ? 'It cannot be saved from here' : 'You may read and copy'}>
          {document.mayPropose ? `${barred} Copy it, or take the diff for a pull request.` : barred}
        </Alert>
      )}
      {draft && draft.text === state.text && state.unsaved && <KeptDraft draft={draft} discard={state.discard} />}
      <Conflict id={id} state={state} />
      {failure && <Failure error={failure} />}
      {target && id.name !== undefined && !isSame(target, id) && (
        <Alert severity="info" title="The text has another name">
          {`It is saved as a new document, ${target.kind} ${target.name}; ${id.name} stays until you delete it.`}
        </Alert>
      )}
      {checked && checked.documents.length > 1 && (
        <Alert severity="info" title="These are several documents">
          They are checked and previewed together, and saved one at a time: leave one in the text to save it.
        </Alert>
      )}
    </>
  );
}

/** If somebody else has changed the document, shows the difference and offers a choice. */
function Conflict({ id, state: { conflict, text, takeTheirs, keepMine } }: { id: DraftId; state: EditorState }) {
  if (!conflict) {
    return null;
  }
  const { theirs } = conflict;
  return (
    <Alert severity="warning" title={`Somebody else has ${theirs ? 'changed' : 'deleted'} ${id.kind} ${id.name}`}>
      <p>
        {theirs
          ? 'Nothing of either text is lost. Lines with - are theirs, lines with + are yours.'
          : 'What you typed is still here. Saving it creates the document again.'}
      </p>
      {theirs && <Diff label="Their text and yours" id={{ ...id, name: id.name ?? '' }} text={text} />}
      <Stack wrap="wrap">
        <Button variant="secondary" onClick={takeTheirs}>
          {theirs ? 'Take theirs' : 'Leave it deleted'}
        </Button>
        <Button variant="destructive" onClick={keepMine}>
          {theirs ? 'Keep mine, and replace theirs when I save' : 'Keep mine'}
        </Button>
      </Stack>
    </Alert>
  );
}

/** The navigation state of a document that was saved under a new address. */
interface Saved {
  saved?: boolean;
}

/** Navigates to the document's address once it has a new one, and to the list once it is deleted. */
function useMoving({ moved }: EditorState) {
  const navigate = useNavigate();
  const paths = usePaths();
  const address = moved && paths.documents(moved.to);
  const saved = moved?.to !== undefined;
  useEffect(() => {
    if (address !== undefined) {
      navigate(withoutBase(address), { replace: true, state: { saved } satisfies Saved });
    }
  }, [address, saved, navigate]);
}

function getStyles(theme: GrafanaTheme2) {
  return {
    columns: css({
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)',
      gap: theme.spacing(3),
      [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
    }),
    status: css({ color: theme.colors.text.secondary, margin: 0 }),
  };
}
