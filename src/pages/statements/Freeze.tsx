import { Alert, Button, ConfirmModal, Modal } from '@grafana/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { callResource } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type Freezing, type Named, type PeriodStatements } from '../../api/types';
import { resourceKey } from '../../api/useResource';

/** What is frozen: of one agreement, or of all that can be; with a reason, in place of the statement there is. */
interface FreezeRequest {
  period: string;
  agreement?: string;
  restate?: boolean;
  reason?: string;
}

/** Freezes, in one request, and has the page asked for again. */
export function useFreeze() {
  const { uid } = useDataSource();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (data: FreezeRequest) =>
      (await callResource<Partial<Freezing>>(uid, 'statements', { method: 'POST', data })).data,
    onSettled: () => queries.invalidateQueries({ queryKey: resourceKey(uid) }),
  });
}

interface Props {
  period: PeriodStatements;
  /** Only that of this agreement; absent: all that can be frozen. */
  agreement?: Named;
  /** How many those are. */
  count?: number;
}

/** Freezes after a question, and says of each that was refused why. */
export function Freeze({ period, agreement, count = 1 }: Props) {
  const [asking, setAsking] = useState(false);
  const { mutate, isPending, data, error, reset } = useFreeze();
  const name = agreement ? (agreement.displayName ?? agreement.name) : `all ${count.toLocaleString()}`;
  const refused = error ? [{ agreement: { name }, error: error.message }] : (data?.refused ?? []);
  return (
    <>
      <Button
        size={agreement ? 'sm' : 'md'}
        variant={agreement ? 'secondary' : 'primary'}
        icon={isPending ? 'spinner' : 'lock'}
        disabled={isPending}
        onClick={() => setAsking(true)}
        aria-label={`Freeze ${name}`}
      >
        {agreement ? 'Freeze' : `Freeze ${name}`}
      </Button>
      <ConfirmModal
        isOpen={asking}
        title={`Freeze ${period.displayName ?? period.name} of ${name}`}
        body="Every slot is counted again and kept with all that made the figures, as a file beside the documents. A statement is never changed, only replaced by a restatement with a reason."
        confirmText="Freeze"
        confirmButtonVariant="primary"
        onConfirm={() => {
          setAsking(false);
          mutate({ period: period.name, agreement: agreement?.name });
        }}
        onDismiss={() => setAsking(false)}
      />
      <Modal title="Not frozen" isOpen={refused.length > 0} onDismiss={reset}>
        {refused.map((one) => (
          <Alert key={one.agreement.name} severity="error" title={one.agreement.displayName ?? one.agreement.name}>
            {one.error}
          </Alert>
        ))}
      </Modal>
    </>
  );
}
