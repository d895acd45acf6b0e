import { Alert, Modal } from '@grafana/ui';
import { callResource } from '../../api/client';
import { type Freezing, type Named } from '../../api/types';
import { useChange } from '../../api/useResource';
import { AskedButton } from '../../components/AskedButton';
import { titleOf } from '../../components/Named';

/** A request to freeze one agreement, or all that can be; `restate`, with a reason, replaces its statement. */
interface FreezeRequest {
  period: string;
  agreement?: string;
  restate?: boolean;
  reason?: string;
}

/** Freezes in one request. */
export const useFreeze = () =>
  useChange(
    (uid, data: FreezeRequest) => callResource<Partial<Freezing>>(uid, 'statements', { method: 'POST', data }),
    ({ refused = [] }: Partial<Freezing> = {}) => {
      const [first, ...others] = refused.map(
        ({ agreement, error }) => `${titleOf(agreement)} was not frozen: ${error}`,
      );
      return others.length > 0 ? `${first} (and ${others.length.toLocaleString()} more)` : first;
    },
  );

interface Props {
  period: Named;
  /** The agreement to freeze; absent: all that can be frozen. */
  agreement?: Named;
  /** The number of agreements. */
  count?: number;
}

/** Freezes after a confirmation, and shows why any were refused. */
export function Freeze({ period, agreement, count = 1 }: Props) {
  const { mutate, isPending, data, error, reset } = useFreeze();
  const name = agreement ? titleOf(agreement) : `all ${count.toLocaleString()}`;
  const refused = error ? [{ agreement: { name }, error: error.message }] : (data?.refused ?? []);
  return (
    <>
      <AskedButton
        size={agreement ? 'sm' : 'md'}
        variant={agreement ? 'secondary' : 'primary'}
        icon={isPending ? 'spinner' : 'lock'}
        disabled={isPending}
        aria-label={`Freeze ${name}`}
        ask={{
          title: `Freeze ${titleOf(period)} of ${name}`,
          body: 'Every slot is counted again and kept with all that made the figures, as a file beside the documents. A statement is never changed, only replaced by a restatement with a reason.',
          confirmText: 'Freeze',
          confirmVariant: 'primary',
        }}
        onConfirm={() => mutate({ period: period.name, agreement: agreement?.name })}
      >
        {agreement ? 'Freeze' : `Freeze ${name}`}
      </AskedButton>
      <Modal title="Not frozen" isOpen={refused.length > 0} onDismiss={reset}>
        {refused.map((one) => (
          <Alert key={one.agreement.name} severity="error" title={titleOf(one.agreement)}>
            {one.error}
          </Alert>
        ))}
      </Modal>
    </>
  );
}
