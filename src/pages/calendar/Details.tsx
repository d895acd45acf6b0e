import { config } from '@grafana/runtime';
import { Alert, Button, ConfirmModal, Drawer, LinkButton, LoadingPlaceholder, Stack, TextLink } from '@grafana/ui';
import { useCallback, useEffect, useState } from 'react';
import { ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type DocumentText, previewText, readDocument, writeDocument } from '../../api/documents';
import { type CalendarExclusion, type DocumentList, type TeamList } from '../../api/types';
import { useResource } from '../../api/useResource';
import { date, instant, list } from '../../components/words';
import { usePaths } from '../../paths';
import { PreviewFigures } from '../documents/Preview';
import { useAnswer } from '../workbench/useAnswer';
import { approvedBy, unapproved } from './approval';
import { dateOf, shownTimeZone } from './range';
import { standingWords } from './approvalState';
import { categoryWords, modeWords } from './words';

interface Props {
  exclusion: CalendarExclusion;
  onClose: () => void;
  /** Asks for the calendar again. */
  reload: () => void;
}

/** All there is to an exclusion: what, when, who approved or must, and what it means for the figures. */
export function Details({ exclusion, onClose, reload }: Props) {
  const paths = usePaths();
  const timeZone = shownTimeZone();
  const { name, displayName, reason, occurrences, recurrence, concerns } = exclusion;
  return (
    <Drawer title={displayName || name} subtitle={standingWords(exclusion)} onClose={onClose} size="md">
      <p>{reason}</p>
      <dl>
        <dt>{'Kind'}</dt>
        <dd>{`${categoryWords(exclusion.category)}. ${modeWords(exclusion.mode)}`}</dd>
        <dt>{'When'}</dt>
        <dd>
          <ul>
            {occurrences.map(({ from, to }) => (
              <li key={from}>{`${instant(from, timeZone)} – ${instant(to, timeZone)} (${timeZone})`}</li>
            ))}
          </ul>
          {recurrence && (
            <p>
              {`It comes again, by the clock of ${exclusion.timeZone}:`} <code>{recurrence}</code>
            </p>
          )}
        </dd>
        <dt>{'Asked for by'}</dt>
        <dd>{exclusion.requestedBy ?? 'nobody is named'}</dd>
        {exclusion.approvedBy && (
          <>
            <dt>{'Approved by'}</dt>
            <dd>
              {exclusion.approvedBy}
              {exclusion.approvedOn && `, ${date(exclusion.approvedOn, exclusion.timeZone)}`}
            </dd>
          </>
        )}
        <dt>{'Agreements concerned'}</dt>
        <dd>
          <ul>
            {concerns.map(({ agreement, hasEffect }) => (
              <li key={agreement}>
                <TextLink href={paths.agreement(agreement)}>{agreement}</TextLink>{' '}
                {hasEffect ? 'in force' : 'no effect yet'}
              </li>
            ))}
          </ul>
        </dd>
      </dl>
      <Text exclusion={exclusion} reload={reload} />
    </Drawer>
  );
}

/** What needs the text of the document: its effect, its approval, the way to the Workbench. */
function Text({ exclusion, reload }: { exclusion: CalendarExclusion; reload: () => void }) {
  const { uid } = useDataSource();
  const paths = usePaths();
  const { name } = exclusion;
  const [read, setRead] = useState<{ document?: DocumentText; error?: ResourceError }>({});
  const documents = useResource<DocumentList>('documents', { kind: 'Exclusion', search: exclusion.name }).value;

  useEffect(() => {
    const abort = new AbortController();
    readDocument(uid, { kind: 'Exclusion', name }, abort.signal).then(
      (document) => !abort.signal.aborted && setRead({ document }),
      (error: ResourceError) => !abort.signal.aborted && setRead({ error }),
    );
    return () => abort.abort();
    // An approval changes the text.
  }, [uid, name, exclusion.approvedBy]);

  if (read.error) {
    return <p>{read.error.message}</p>;
  }
  const entry = documents?.rows.find((one) => one.kind === 'Exclusion' && one.name === name);
  return (
    <Stack direction="column">
      {read.document && exclusion.approvers.length > 0 && !exclusion.approvedBy && (
        <Approval
          exclusion={exclusion}
          document={read.document}
          barred={entry?.writable === false ? entry.reason : undefined}
          reload={reload}
        />
      )}
      <LinkButton variant="secondary" icon="file-alt" href={paths.documents({ kind: 'Exclusion', name })}>
        {'Its text in the Workbench'}
      </LinkButton>
      {read.document && documents?.mayPropose && <Effect exclusion={exclusion} text={read.document.text} />}
    </Stack>
  );
}

interface ApprovalProps {
  exclusion: CalendarExclusion;
  document: DocumentText;
  /** Why nobody can write the document from here. */
  barred?: string;
  reload: () => void;
}

/** Who must approve; the button for those who may. The backend refuses all others. */
function Approval({ exclusion, document, barred, reload }: ApprovalProps) {
  const { uid } = useDataSource();
  const teams = useResource<TeamList>('teams').value?.teams;
  const [asking, setAsking] = useState<string>();
  const [error, setError] = useState<string>();
  const approvers = (teams ?? []).filter((team) => exclusion.approvers.includes(team.name));
  const mine = approvers.find((team) => team.members.some(isMe));

  async function approve(team: string) {
    setAsking(undefined);
    setError(undefined);
    const text = approvedBy(document.text, team, dateOf(Date.now(), exclusion.timeZone));
    try {
      await writeDocument(uid, { kind: 'Exclusion', name: exclusion.name }, text, document.hash);
      reload();
    } catch (thrown) {
      setError(thrown instanceof ResourceError ? thrown.message : String(thrown));
    }
  }

  return (
    <div>
      <h3>{'Approval'}</h3>
      <ul>
        {approvers.map(({ name, members }) => (
          <li key={name}>
            {members.length > 0
              ? `${name}: ${list(members)} can approve`
              : `${name} has no members who could approve here`}
          </li>
        ))}
      </ul>
      {mine && (
        <Button icon="check" disabled={barred !== undefined} tooltip={barred} onClick={() => setAsking(mine.name)}>
          {`Approve for ${mine.name}`}
        </Button>
      )}
      {error && (
        <Alert severity="error" title={'It was not approved'}>
          {error}
        </Alert>
      )}
      <ConfirmModal
        isOpen={asking !== undefined}
        title={`Approve this exclusion for ${asking}?`}
        body={'What happens in that time no longer counts against the provider.'}
        confirmText={'Approve'}
        confirmVariant="primary"
        onDismiss={() => setAsking(undefined)}
        onConfirm={() => (asking === undefined ? undefined : approve(asking))}
      />
    </div>
  );
}

/** Whether a member is whoever is logged in; logins and addresses are the same in any case of letters. */
function isMe(member: string): boolean {
  const { login, email } = config.bootData.user;
  return [login, email].some((own) => own && own.toLowerCase() === member.toLowerCase());
}

/** What an exclusion means for the figures: with and without it. */
function Effect({ exclusion, text }: { exclusion: CalendarExclusion; text: string }) {
  const { uid } = useDataSource();
  const approved = exclusion.approvedBy !== undefined;
  const [approver] = exclusion.approvers;
  const tried = approved ? unapproved(text) : approver && approvedBy(text, approver);
  const preview = useAnswer(
    tried || undefined,
    0,
    useCallback((typed, signal) => previewText(uid, typed, signal), [uid]),
  );
  return (
    <div>
      <h3>{'Its effect'}</h3>
      <p>
        {approved
          ? '«After» is how it would be without this exclusion.'
          : `«After» is how it would be once ${approver} approves.`}
      </p>
      {preview.waiting && <LoadingPlaceholder text={'Measuring the last 90 days…'} />}
      {preview.error && <p>{preview.error.message}</p>}
      {preview.value && <PreviewFigures preview={preview.value} />}
    </div>
  );
}
