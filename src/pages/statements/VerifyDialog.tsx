import { Alert, Button, Field, Modal, Stack, TextArea } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { type StatementEntry, type StatementList, type Verification } from '../../api/types';
import { type Resource } from '../../api/useResource';
import { LoadingPage } from '../../components/LoadingPage';
import { plural } from '../../components/words';
import { freeze, verify } from './resources';

interface Props {
  statement: StatementEntry;
  list: Resource<StatementList>;
  onDismiss: () => void;
}

/** Counts a statement anew, and tells whether it still holds; if not, what differs, and how to restate it. */
export function VerifyDialog({ statement, list, onDismiss }: Props) {
  const { uid } = useDataSource();
  const { period, agreement, number } = statement;
  const [answer, setAnswer] = useState<{ found?: Verification; error?: string }>({});
  useEffect(() => {
    const abort = new AbortController();
    verify(uid, { period, agreement, number }, abort.signal).then(
      (found) => setAnswer({ found }),
      (error: Error) => !abort.signal.aborted && setAnswer({ error: error.message }),
    );
    return () => abort.abort();
  }, [uid, period, agreement, number]);
  return (
    <Modal isOpen title={`Verify ${period} of ${agreement}`} onDismiss={onDismiss}>
      {answer.error && (
        <Alert severity="error" title={'It could not be verified'}>
          {answer.error}
        </Alert>
      )}
      {!answer.found && !answer.error && <LoadingPage lines={3} />}
      {answer.found && <Verdict found={answer.found} />}
      {answer.found && !answer.found.verified && list.value?.mayFreeze && (
        <Restate
          statement={statement}
          onDone={() => {
            list.reload();
            onDismiss();
          }}
        />
      )}
    </Modal>
  );
}

function Verdict({ found }: { found: Verification }) {
  const { verified, differences, notes } = found;
  const title = verified
    ? 'It holds: nothing differs'
    : plural(differences.length, '1 thing differs', `${differences.length} things differ`);
  return (
    <>
      <Alert severity={verified ? 'success' : 'warning'} title={title}>
        {basis(found)}
      </Alert>
      <ul style={{ marginLeft: 20, overflowWrap: 'anywhere' }}>
        {[...differences.map(({ text }) => text), ...notes].map((text, index) => (
          <li key={index}>{text}</li>
        ))}
      </ul>
    </>
  );
}

function basis({ basis: on }: Verification): string {
  switch (on) {
    case 'engine':
      return 'Every slot was counted anew.';
    case 'partly':
      return 'Counted anew as far back as Prometheus remembers; before that, from what the statement kept.';
    case 'slots':
      return 'Prometheus has forgotten the period: computed from what the statement kept.';
  }
}

function Restate({ statement, onDone }: { statement: StatementEntry; onDone: () => void }) {
  const { uid } = useDataSource();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const restate = () => {
    setBusy(true);
    freeze(uid, statement.agreement, statement.period, reason.trim())
      .then(onDone, (failed: Error) => setError(failed.message))
      .finally(() => setBusy(false));
  };
  return (
    <Stack direction="column" gap={1}>
      <Field
        label={'Reason for a restatement'}
        description={'A new statement takes its place; this one is kept, and named in it.'}
        error={error}
        invalid={error !== ''}
        htmlFor="accord-restate"
      >
        <TextArea
          id="accord-restate"
          rows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Field>
      <div>
        <Button disabled={busy || reason.trim() === ''} icon={busy ? 'spinner' : 'lock'} onClick={restate}>
          {'Restate'}
        </Button>
      </div>
    </Stack>
  );
}
