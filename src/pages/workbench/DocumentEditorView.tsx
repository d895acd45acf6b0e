import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, LoadingPlaceholder, useStyles2 } from '@grafana/ui';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';
import { useDataSource } from '../../api/DataSource';
import { previewText, validateText } from '../../api/documents';
import { type DocumentList, type TeamList } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Section } from '../../components/Section';
import { usePaths } from '../../paths';
import { check } from './check';
import { ConflictNotice } from './ConflictNotice';
import { type Draft, type DraftId } from './drafts';
import { Editor, type EditorHandle } from './Editor';
import { PreviewFigures } from './PreviewFigures';
import { Problems } from './Problems';
import { type Schema } from './schema';
import { type Names } from './suggestions';
import { Tools } from './Tools';
import { TryOnHistory } from './TryOnHistory';
import { useAnswer } from './useAnswer';
import { type Base, isSame, useDocumentEditor } from './useDocumentEditor';
import { useLeaving } from './useLeaving';

interface Props {
  draftId: DraftId;
  /** As it was read; undefined of a new document. */
  base?: Base;
  text: string;
  /** What was typed before and never saved, where the text is that. */
  restored?: Draft;
  list: DocumentList;
  /** Asks for the list again. */
  reload: () => void;
}

const typingMilliseconds = { validate: 400, preview: 1200 };

/** The editor with what is wrong, what it would mean, and what can be done. */
export function DocumentEditorView({ draftId, base: read, text: begun, restored, list, reload }: Props) {
  const styles = useStyles2(getStyles);
  const { uid } = useDataSource();
  const { savedAt: savedBefore } = (useLocation().state ?? {}) as Saved;
  const documentEditor = useDocumentEditor({ draftId, base: read, text: begun, savedAt: savedBefore });
  const { text, base, target, unsaved } = documentEditor;
  const editor = useRef<EditorHandle>(null);
  const question = useLeaving(unsaved);
  useMovingOn(documentEditor, draftId);
  useWatching(documentEditor, list);

  const schema = useResource<Schema>('schema').value;
  const teams = useResource<TeamList>('teams').value;
  const known = useMemo(() => ({ schema, names: namesOf(list, teams) }), [schema, list, teams]);

  const empty = text.trim() === '';
  const validation = useAnswer(
    empty ? undefined : text,
    typingMilliseconds.validate,
    useCallback((typed, signal) => validateText(uid, typed, signal), [uid]),
  );
  const isCurrent = validation.of === text;
  const problems = useMemo(
    () => (empty ? [] : isCurrent && validation.value ? validation.value.problems : check(text, schema)),
    [empty, isCurrent, validation.value, text, schema],
  );
  const faulty = problems.some((one) => one.severity === 'error');
  const valid = isCurrent && validation.value?.valid === true && !empty;

  const preview = useAnswer(
    valid && list.mayPropose ? text : undefined,
    typingMilliseconds.preview,
    useCallback((typed, signal) => previewText(uid, typed, signal), [uid]),
  );

  const { savedAt, gone } = documentEditor;
  useEffect(() => {
    if (savedAt !== undefined || gone) {
      reload();
    }
  }, [savedAt, gone, reload]);

  return (
    <>
      {question}
      <Notices documentEditor={documentEditor} list={list} restored={restored} />
      <div className={styles.columns}>
        <div className={styles.document}>
          <Tools documentEditor={documentEditor} barred={barred(list, documentEditor)} faulty={faulty} />
          <div className={styles.editor}>
            <Editor
              label={target ? `Text of ${target.kind} ${target.name}` : 'Text of the document'}
              text={text}
              onChange={documentEditor.setText}
              onSave={() => {
                if (
                  unsaved &&
                  target &&
                  !faulty &&
                  !documentEditor.conflict &&
                  barred(list, documentEditor) === undefined
                ) {
                  documentEditor.save();
                }
              }}
              readOnly={!list.mayPropose}
              problems={problems}
              known={known}
              handle={editor}
            />
          </div>
          <Problems
            problems={problems}
            status={statusWords({ documentEditor, validation, valid, faulty })}
            goTo={(line, column) => editor.current?.goTo(line, column)}
          />
        </div>
        <Section title={'What it would mean'}>
          <PreviewPart preview={preview} mayPropose={list.mayPropose} valid={valid} text={text} />
        </Section>
      </div>
      {preview.value && preview.of === text && valid && (
        <TryOnHistory key={base?.id.name} text={text} preview={preview.value} />
      )}
    </>
  );
}

function PreviewPart({
  preview,
  mayPropose,
  valid,
  text,
}: {
  preview: ReturnType<typeof useAnswer<Awaited<ReturnType<typeof previewText>>>>;
  mayPropose: boolean;
  valid: boolean;
  text: string;
}) {
  const styles = useStyles2(getStyles);
  if (!mayPropose) {
    return <p>{'Previews are for Editors, since what is typed may hold any query.'}</p>;
  }
  const { value, of, waiting, error } = preview;
  return (
    <div aria-live="polite" aria-busy={waiting}>
      {error && !waiting && (
        <Alert severity="warning" title={'The preview could not be made'}>
          <p>{error.message}</p>
          <Button variant="secondary" onClick={preview.again}>
            {'Try again'}
          </Button>
        </Alert>
      )}
      {!valid && !value && <p>{'It comes as soon as the text has no errors.'}</p>}
      {waiting && !value && <LoadingPlaceholder text={'Measuring the last 90 days…'} />}
      {value && (
        <div className={of === text ? undefined : styles.older}>
          {of !== text && <p>{'This is of an earlier text.'}</p>}
          <PreviewFigures preview={value} />
        </div>
      )}
    </div>
  );
}

type DocumentEditor = ReturnType<typeof useDocumentEditor>;

function Notices({
  documentEditor,
  list,
  restored,
}: {
  documentEditor: DocumentEditor;
  list: DocumentList;
  restored?: Draft;
}) {
  const { failure, base, target, documents } = documentEditor;
  const reason = barred(list, documentEditor);
  return (
    <>
      {!list.mayPropose ? (
        <Alert severity="info" title={'You may look and copy'}>
          {list.reason}
        </Alert>
      ) : (
        reason && (
          <Alert severity="info" title={'It cannot be saved from here'}>
            {`${reason}. Check and preview it here, then copy it, or take the diff for a pull request.`}
          </Alert>
        )
      )}
      {restored && documentEditor.unsaved && (
        <Alert severity="info" title={'This is what you typed before and did not save'}>
          <p>{`It was kept in this browser on ${dateTimeFormat(restored.at, { format: 'D MMM YYYY, HH:mm' })}.`}</p>
          <Button variant="secondary" onClick={documentEditor.discard}>
            {'Discard it'}
          </Button>
        </Alert>
      )}
      <ConflictNotice documentEditor={documentEditor} />
      {failure && (
        <Alert severity="error" title={failureTitle(failure.error.status)}>
          {failure.error.message}
          {failure.error.status === 0 || failure.error.status >= 500 ? (
            <p>{'What you typed is kept in this browser. Save again when it answers.'}</p>
          ) : null}
          {failure.problems.length > 1 && (
            <ul>
              {failure.problems.map((problem, i) => (
                <li key={i}>{`${problem.file}:${problem.line}: ${problem.message}`}</li>
              ))}
            </ul>
          )}
        </Alert>
      )}
      {base && target && !isSame(base.id, target) && (
        <Alert severity="info" title={'The text has another name'}>
          {`It is saved as a new document, ${target.kind} ${target.name}; ${base.id.name} stays as it is until you delete it.`}
        </Alert>
      )}
      {documents > 1 && (
        <Alert severity="info" title={'These are several documents'}>
          {'They are checked and previewed together, and saved one at a time: leave one in the text to save it.'}
        </Alert>
      )}
    </>
  );
}

function failureTitle(status: number): string {
  switch (status) {
    case 403:
      return 'You may not do that';
    case 409:
      return 'It cannot be saved from here';
    case 422:
      return 'Nothing was written: it has errors, or causes some';
    default:
      return status === 0 || status >= 500 ? 'Nothing was written: nobody answers' : 'Nothing was written';
  }
}

/** Why this user cannot save the text; undefined when they can. */
function barred(list: DocumentList, { base, target }: DocumentEditor): string | undefined {
  if (!list.mayPropose) {
    return list.reason ?? '';
  }
  const id = target ?? base?.id;
  const entry = id && list.rows.find((one) => isSame(one, id));
  if (entry) {
    return entry.writable ? undefined : (entry.reason ?? '');
  }
  return list.writable ? undefined : (list.reason ?? '');
}

function statusWords({
  documentEditor,
  validation,
  valid,
  faulty,
}: {
  documentEditor: DocumentEditor;
  validation: { waiting: boolean; error?: Error };
  valid: boolean;
  faulty: boolean;
}): string {
  if (documentEditor.busy) {
    return 'Saving…';
  }
  const checked =
    validation.error && !validation.waiting
      ? `Checked by the schema alone: ${validation.error.message}`
      : validation.waiting
        ? 'Checking…'
        : valid && !faulty
          ? 'No errors'
          : '';
  const saved =
    documentEditor.savedAt !== undefined && !documentEditor.unsaved
      ? `Saved at ${dateTimeFormat(documentEditor.savedAt, { format: 'HH:mm:ss' })}`
      : documentEditor.unsaved
        ? 'Not saved; kept in this browser'
        : '';
  return [checked, saved].filter(Boolean).join(' · ');
}

/** Given from the address where a document was saved to its own. */
interface Saved {
  savedAt?: number;
}

/** Goes to the document's own address once it has one, and to the list once it is gone. */
function useMovingOn({ base, gone, savedAt }: DocumentEditor, draftId: DraftId) {
  const navigate = useNavigate();
  const paths = usePaths();
  const at = gone
    ? paths.documents()
    : base && (draftId.name === undefined || !isSame(base.id, { kind: draftId.kind, name: draftId.name }))
      ? paths.documents(base.id)
      : undefined;
  useEffect(() => {
    if (at !== undefined) {
      const state: Saved = gone ? {} : { savedAt };
      navigate(at, { replace: true, state });
    }
  }, [at, gone, savedAt, navigate]);
}

/** Looks for a change by somebody else when the list has another hash of the document. */
function useWatching({ base, conflict, compare, busy }: DocumentEditor, list: DocumentList) {
  const listed = base && list.rows.find((one) => isSame(one, base.id))?.hash;
  const differs = base !== undefined && listed !== undefined && listed !== base.hash && !conflict && !busy;
  useEffect(() => {
    if (differs) {
      compare();
    }
    // Each hash is looked at once: the list may be older than the document.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [listed, differs]);
}

/** The names there are to refer to. */
function namesOf(list: DocumentList, teams?: TeamList): Names {
  const names: Names = {};
  for (const { kind, name } of list.rows) {
    (names[kind] ??= []).push(name);
  }
  const contacts = teams?.teams.flatMap((team) => team.contacts.map(({ name }) => name)) ?? [];
  names.Contact = [...new Set([...contacts, ...(names.Team ?? [])])];
  return names;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    columns: css({
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)',
      gap: theme.spacing(3),
      marginBottom: theme.spacing(3),
      [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
    }),
    // The text stays in sight beside a long preview.
    document: css({ [theme.breakpoints.up('lg')]: { position: 'sticky', top: theme.spacing(10), alignSelf: 'start' } }),
    editor: css({ height: 'clamp(320px, 58vh, 900px)', marginTop: theme.spacing(1), '& > div': { height: '100%' } }),
    // Not paler: it must stay readable.
    older: css({ outline: `1px dashed ${theme.colors.border.strong}`, outlineOffset: theme.spacing(1) }),
  };
}
