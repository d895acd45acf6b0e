import { Alert, Button, ConfirmModal } from '@grafana/ui';
import { useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { freeze } from './resources';

interface Props {
  agreement: string;
  title: string;
  /** The name of the period. */
  period: string;
  onDone: () => void;
}

/** Freezes one agreement's period, after a word of what that means. */
export function FreezeButton({ agreement, title, period, onDone }: Props) {
  const { uid } = useDataSource();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const confirm = () => {
    setAsking(false);
    setBusy(true);
    setError('');
    freeze(uid, agreement, period)
      .then(onDone, (failed: Error) => setError(failed.message))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Button
        size="sm"
        variant="secondary"
        icon={busy ? 'spinner' : 'lock'}
        disabled={busy}
        onClick={() => setAsking(true)}
        aria-label={`Freeze ${title}`}
      >
        {'Freeze'}
      </Button>
      {error && (
        <Alert severity="error" title={'It was not frozen'}>
          {error}
        </Alert>
      )}
      <ConfirmModal
        isOpen={asking}
        title={`Freeze ${period} of ${title}`}
        body={freezeMeans()}
        confirmText={'Freeze'}
        confirmButtonVariant="primary"
        onConfirm={confirm}
        onDismiss={() => setAsking(false)}
      />
    </>
  );
}

/** What freezing does, for those who are about to. */
export function freezeMeans(): string {
  return 'Every figure is counted anew and kept with all that made it, as a file beside the documents. It cannot be changed afterwards, only replaced by a restatement with a reason.';
}
