import { config } from '@grafana/runtime';
import { Alert, Button, ConfirmModal, Drawer, LinkButton, LoadingPlaceholder, Stack, TextLink } from '@grafana/ui';
import { useCallback, useEffect, useState } from 'react';
import { ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type DocumentText, previewText, readDocument, writeDocument } from '../../api/documents';
import { type CalendarExclusion, type DocumentList, type TeamList } from '../../api/types';
import { useResource } from '../../api/useResource';
import { date, instant, list } from '../../components/words';
import { t } from '../../locales/t';
import { usePaths } from '../../paths';
import { PreviewFigures } from '../workbench/PreviewFigures';
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
        <dt>{t('calendar.details.kind', 'Kind')}</dt>
        <dd>{`${categoryWords(exclusion.category)}. ${modeWords(exclusion.mode)}`}</dd>
        <dt>{t('calendar.details.when', 'When')}</dt>
        <dd>
          <ul>
            {occurrences.map(({ from, to }) => (
              <li key={from}>{`${instant(from, timeZone)} – ${instant(to, timeZone)} (${timeZone})`}</li>
            ))}
          </ul>
          {recurrence && (
            <p>
              {t('calendar.details.again', 'It comes again, by the clock of {{timeZone}}:', {
                timeZone: exclusion.timeZone,
              })}{' '}
              <code>{recurrence}</code>
            </p>
          )}
        </dd>
        <dt>{t('calendar.details.requested', 'Asked for by')}</dt>
        <dd>{exclusion.requestedBy ?? t('calendar.details.nobody', 'nobody is named')}</dd>
        {exclusion.approvedBy && (
          <>
            <dt>{t('calendar.details.approved', 'Approved by')}</dt>
            <dd>
              {exclusion.approvedBy}
              {exclusion.approvedOn && `, ${date(exclusion.approvedOn, exclusion.timeZone)}`}
            </dd>
          </>
        )}
        <dt>{t('calendar.details.concerns', 'Agreements concerned')}</dt>
        <dd>
          <ul>
            {concerns.map(({ agreement, hasEffect }) => (
              <li key={agreement}>
                <TextLink href={paths.agreement(agreement)}>{agreement}</TextLink>{' '}
                {hasEffect
                  ? t('calendar.details.effect', 'in force')
                  : t('calendar.details.no-effect', 'no effect yet')}
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
  const documents = useResource<DocumentList>('documents').value;

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
  const entry = documents?.documents.find((one) => one.kind === 'Exclusion' && one.name === name);
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
      <LinkButton variant="secondary" icon="file-alt" href={paths.workbench({ kind: 'Exclusion', name })}>
        {t('calendar.details.text', 'Its text in the Workbench')}
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
      <h3>{t('calendar.approval', 'Approval')}</h3>
      <ul>
        {approvers.map(({ name, members }) => (
          <li key={name}>
            {members.length > 0
              ? t('calendar.approval.by', '{{team}}: {{members}} can approve', { team: name, members: list(members) })
              : t('calendar.approval.nobody', '{{team}} has no members who could approve here', { team: name })}
          </li>
        ))}
      </ul>
      {mine && (
        <Button icon="check" disabled={barred !== undefined} tooltip={barred} onClick={() => setAsking(mine.name)}>
          {t('calendar.approval.approve', 'Approve for {{team}}', { team: mine.name })}
        </Button>
      )}
      {error && (
        <Alert severity="error" title={t('calendar.approval.failed', 'It was not approved')}>
          {error}
        </Alert>
      )}
      <ConfirmModal
        isOpen={asking !== undefined}
        title={t('calendar.approval.sure', 'Approve this exclusion for {{team}}?', { team: asking })}
        body={t('calendar.approval.means', 'What happens in that time no longer counts against the provider.')}
        confirmText={t('calendar.approval.yes', 'Approve')}
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
      <h3>{t('calendar.effect', 'Its effect')}</h3>
      <p>
        {approved
          ? t('calendar.effect.without', '«After» is how it would be without this exclusion.')
          : t('calendar.effect.with', '«After» is how it would be once {{team}} approves.', { team: approver })}
      </p>
      {preview.waiting && <LoadingPlaceholder text={t('workbench.preview.waiting', 'Measuring the last 90 days…')} />}
      {preview.error && <p>{preview.error.message}</p>}
      {preview.value && <PreviewFigures preview={preview.value} />}
    </div>
  );
}
