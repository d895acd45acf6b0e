import { css } from '@emotion/css';
import { dateTimeForTimeZone, type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, ClipboardButton, LoadingPlaceholder, Stack, useStyles2 } from '@grafana/ui';
import { useCallback, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router-dom';
import { ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { previewText, validateText, writeDocument } from '../../api/documents';
import { type Catalog, type DocumentList } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Loaded } from '../../components/Loaded';
import { list } from '../../components/words';
import { Section } from '../../components/Section';
import { usePaths } from '../../paths';
import { keepDraft } from '../documents/drafts';
import { ChoiceField, NamesField, TextField, TimeZoneField } from '../workbench/fields';
import { exclusionText, nameFrom, type NewExclusion } from '../workbench/newDocument';
import { PreviewFigures } from '../documents/Preview';
import { Problems } from '../workbench/Problems';
import { useAnswer } from '../workbench/useAnswer';
import { dateOf, shownTimeZone } from './range';
import { categories, categoryWords, modeWords } from './words';

/** Proposes an exclusion; its effect on every agreement concerned is shown before anything is saved. */
export function Propose({ onClose }: { onClose: () => void }) {
  const catalog = useResource<Catalog>('catalog');
  const documents = useResource<DocumentList>('documents').value;
  return (
    <Loaded resource={catalog}>
      {(value) => <ProposeForm catalog={value} documents={documents} onClose={onClose} />}
    </Loaded>
  );
}

interface Proposal extends Omit<NewExclusion, 'from' | 'to'> {
  /** By the wall clock of the time zone: YYYY-MM-DDTHH:mm. */
  from: string;
  to: string;
}

/** How often it comes again; anything else is written in the text. */
const recurrences = ['', 'FREQ=DAILY', 'FREQ=WEEKLY', 'FREQ=MONTHLY'] as const;

function begin(search: URLSearchParams): Proposal {
  const timeZone = shownTimeZone();
  const date = search.get('date') ?? dateOf(Date.now() + 86_400_000, timeZone);
  return {
    name: '',
    displayName: '',
    reason: '',
    category: 'maintenance',
    services: search.getAll('service'),
    agreements: search.getAll('agreement'),
    from: `${date}T02:00`,
    to: `${date}T04:00`,
    recurrence: '',
    timeZone,
    mode: 'exclude',
    requestedBy: search.get('team') ?? '',
  };
}

function ProposeForm({
  catalog,
  documents,
  onClose,
}: {
  catalog: Catalog;
  documents?: DocumentList;
  onClose: () => void;
}) {
  const styles = useStyles2(getStyles);
  const { uid } = useDataSource();
  const navigate = useNavigate();
  const paths = usePaths();
  const [search] = useSearchParams();
  const [value, setValue] = useState(() => begin(search));
  const [chosenApprover, setApprover] = useState('');
  const [saving, setSaving] = useState<{ busy: boolean; error?: string }>({ busy: false });
  const set = (change: Partial<Proposal>) => setValue({ ...value, ...change });

  const concerned = catalog.agreements.filter(
    (one) => value.agreements.includes(one.name) || value.services.includes(one.service),
  );
  const parties = [...new Set(concerned.flatMap((one) => [one.provider ?? '', ...one.consumers]))].filter(Boolean);
  const approvers = parties.filter((team) => team !== value.requestedBy);
  const approver = approvers.includes(chosenApprover) ? chosenApprover : approvers[0];

  const name = value.name || nameFrom(value.displayName || value.reason);
  const missing = whatIsMissing(value, name, concerned.length, documents);
  const whole: NewExclusion = {
    ...value,
    name,
    from: instantOf(value.from, value.timeZone),
    to: instantOf(value.to, value.timeZone),
  };
  const text = missing ? undefined : exclusionText(whole);
  const tried = text && approver ? exclusionText({ ...whole, approvedBy: approver }) : undefined;
  const validation = useAnswer(
    text,
    400,
    useCallback((typed, signal) => validateText(uid, typed, signal), [uid]),
  );
  const mayPropose = documents?.mayPropose === true;
  const preview = useAnswer(
    mayPropose ? tried : undefined,
    800,
    useCallback((typed, signal) => previewText(uid, typed, signal), [uid]),
  );
  const valid = validation.of === text && validation.value?.valid === true;

  async function save() {
    if (!text) {
      return;
    }
    setSaving({ busy: true });
    try {
      await writeDocument(uid, { kind: 'Exclusion', name }, text);
      navigate(paths.exclusions({ date: value.from.slice(0, 10), open: name }));
    } catch (error) {
      setSaving({ busy: false, error: error instanceof ResourceError ? error.message : String(error) });
    }
  }

  return (
    <div className={styles.columns}>
      <Section title={'Propose an exclusion'}>
        <div className={styles.form}>
          <Fields value={value} name={name} set={set} catalog={catalog} />
          {missing && <p role="status">{missing}</p>}
          {saving.error && (
            <Alert severity="error" title={'It was not saved'}>
              {saving.error}
            </Alert>
          )}
          {documents && !documents.writable && (
            <Alert severity="info" title={'It cannot be saved from here'}>
              {documents.reason}
            </Alert>
          )}
          <Stack wrap="wrap">
            <Button icon="save" disabled={!valid || saving.busy || !documents?.writable} onClick={() => void save()}>
              {'Save as a proposal'}
            </Button>
            <ClipboardButton variant="secondary" icon="copy" disabled={!text} getText={() => text ?? ''}>
              {'Copy as YAML'}
            </ClipboardButton>
            {mayPropose && (
              <Button
                variant="secondary"
                icon="file-alt"
                disabled={!text}
                onClick={() => {
                  keepDraft(uid, { kind: 'Exclusion' }, { text: text!, at: new Date().toISOString() });
                  navigate(paths.documents(undefined, { new: 'Exclusion' }));
                }}
              >
                {'Go on in the Workbench'}
              </Button>
            )}
            <Button variant="secondary" fill="text" onClick={onClose}>
              {'Back to the calendar'}
            </Button>
          </Stack>
          {text && (
            <Problems
              problems={validation.of === text ? (validation.value?.problems ?? []) : []}
              status={validation.waiting ? 'Checking…' : ''}
              goTo={() => undefined}
            />
          )}
        </div>
      </Section>
      <Section title={'What it would mean once approved'}>
        {approvers.length > 0 && (
          <>
            <p>
              {`It takes the approval of a team on the other side: ${list(approvers)}. Only members approve for a team.`}
            </p>
            {approvers.length > 1 && (
              <ChoiceField
                label={'Shown as if approved by'}
                value={approver}
                options={approvers.map((one) => ({ value: one }))}
                onChange={setApprover}
              />
            )}
          </>
        )}
        {!mayPropose && documents && <p>{'Previews are for Editors, since what is typed may hold any query.'}</p>}
        <div aria-live="polite" aria-busy={preview.waiting}>
          {mayPropose && !tried && <p>{'It comes as soon as the form is filled in.'}</p>}
          {preview.waiting && <LoadingPlaceholder text={'Measuring the last 90 days…'} />}
          {preview.error && !preview.waiting && <Alert severity="warning" title={preview.error.message} />}
          {preview.value && preview.of === tried && (
            <>
              {Date.parse(whole.from) > Date.parse(preview.value.at) && !value.recurrence && (
                <p>{'It lies ahead: it changes what will be counted, and nothing that was.'}</p>
              )}
              <PreviewFigures preview={preview.value} />
            </>
          )}
        </div>
      </Section>
    </div>
  );
}

interface FieldsProps {
  value: Proposal;
  name: string;
  set: (change: Partial<Proposal>) => void;
  catalog: Catalog;
}

function Fields({ value, name, set, catalog }: FieldsProps) {
  return (
    <>
      <TextField label={'Title'} value={value.displayName} onChange={(displayName) => set({ displayName })} />
      <TextField label={'Reason'} value={value.reason} onChange={(reason) => set({ reason })} />
      <TextField
        label={'Name'}
        description={'How documents refer to it: lower case letters, digits and hyphens.'}
        value={value.name}
        placeholder={name}
        onChange={(typed) => set({ name: typed })}
      />
      <ChoiceField
        label={'Kind'}
        value={value.category}
        options={categories.map((one) => ({ value: one, label: categoryWords(one) }))}
        onChange={(category) => set({ category })}
      />
      <ChoiceField
        label={'What becomes of the time'}
        value={value.mode}
        options={(['exclude', 'good'] as const).map((mode) => ({ value: mode, label: modeWords(mode) }))}
        onChange={(mode) => set({ mode: mode as Proposal['mode'] })}
      />
      <NamesField
        label={'Services: every agreement on them'}
        value={value.services}
        options={catalog.services.map(({ name: one }) => one)}
        onChange={(services) => set({ services })}
      />
      <NamesField
        label={'Agreements'}
        value={value.agreements}
        options={catalog.agreements.map(({ name: one }) => one)}
        onChange={(agreements) => set({ agreements })}
      />
      <TextField label={'From'} type="datetime-local" value={value.from} onChange={(from) => set({ from })} />
      <TextField label={'To'} type="datetime-local" value={value.to} onChange={(to) => set({ to })} />
      <TimeZoneField value={value.timeZone} onChange={(timeZone) => set({ timeZone })} />
      <ChoiceField
        label={'It comes again'}
        value={value.recurrence || 'no'}
        options={recurrences.map((rule) => ({ value: rule || 'no', label: recurrenceWords(rule) }))}
        onChange={(rule) => set({ recurrence: rule === 'no' ? '' : rule })}
      />
      <ChoiceField
        label={'Asked for by the team'}
        value={value.requestedBy}
        options={catalog.teams.map((one) => ({ value: one.name, label: one.displayName || one.name }))}
        onChange={(requestedBy) => set({ requestedBy })}
      />
    </>
  );
}

function recurrenceWords(rule: (typeof recurrences)[number]): string {
  switch (rule) {
    case 'FREQ=DAILY':
      return 'Each day';
    case 'FREQ=WEEKLY':
      return 'Each week, on that day';
    case 'FREQ=MONTHLY':
      return 'Each month, on that date';
    default:
      return 'No';
  }
}

/** What keeps the form from being a document; undefined when nothing does. */
function whatIsMissing(value: Proposal, name: string, concerned: number, documents?: DocumentList): string | undefined {
  if (!value.reason.trim()) {
    return 'Say why this time is not to count.';
  }
  if (!name || name !== nameFrom(name)) {
    return 'A name has lower case letters, digits and hyphens';
  }
  if (documents?.rows.some((one) => one.kind === 'Exclusion' && one.name === name)) {
    return `There is a ${'Exclusion'} of that name`;
  }
  if (value.services.length + value.agreements.length === 0) {
    return 'Choose the services or agreements that it is about.';
  }
  if (concerned === 0) {
    return 'No agreement is about what you chose.';
  }
  if (!value.from || !value.to || value.to <= value.from) {
    return 'The end has to be after the start.';
  }
  if (!value.requestedBy) {
    return 'Say which team asks for it: another one approves.';
  }
  return undefined;
}

/** The instant of a wall clock, with the offset of that day. */
function instantOf(wall: string, timeZone: string): string {
  return dateTimeForTimeZone(timeZone, wall, 'YYYY-MM-DDTHH:mm').format('YYYY-MM-DDTHH:mm:ssZ');
}

function getStyles(theme: GrafanaTheme2) {
  return {
    columns: css({
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)',
      gap: theme.spacing(3),
      [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
    }),
    form: css({ display: 'grid', gap: theme.spacing(2) }),
  };
}
