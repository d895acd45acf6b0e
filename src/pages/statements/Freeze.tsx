import { Alert, Modal } from '@grafana/ui';
import { callResource } from '../../api/client';
import { type Freezing, type Named } from '../../api/types';
import { useChange } from '../../api/useResource';
import { AskedButton } from '../../components/AskedButton';
import { titleOf } from '../../components/Named';

/** What is frozen: of one agreement, or of all that can be; with a reason, in place of the statement there is. */
interface FreezeRequest {
  period: string;
  agreement?: string;
  restate?: boolean;
  reason?: string;
}

/** Freezes, in one request. */
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
  /** Only that of this agreement; absent: all that can be frozen. */
  agreement?: Named;
  /** How many those are. */
  count?: number;
}

/** Freezes after a question, and says of each that was refused why. */
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
