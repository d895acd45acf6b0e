import { Modal } from '@grafana/ui';
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

/** The number of refusals that are shown: without Prometheus there is one for each agreement. */
const mostShown = 10;

/** Freezes in one request; fails if any agreement was refused, though others were frozen. */
export const useFreeze = () =>
  useChange(async (uid, data: FreezeRequest) => {
    const { refused = [] } = await callResource<Partial<Freezing>>(uid, 'statements', { method: 'POST', data });
    const reasons = refused.map(({ agreement, error }) => `${titleOf(agreement)} was not frozen: ${error}`);
    const more = reasons.splice(mostShown).length;
    if (reasons.length > 0) {
      throw new Error([...reasons, ...(more > 0 ? [`and ${more.toLocaleString()} more`] : [])].join('\n'));
    }
  });

interface Props {
  period: Named;
  /** The agreement to freeze; absent: all that can be frozen. */
  agreement?: Named;
  /** The number of agreements. */
  count?: number;
}

/** Freezes after a confirmation, and shows why any were refused. */
export function Freeze({ period, agreement, count = 1 }: Props) {
  const { mutate, isPending, error, reset } = useFreeze();
  const name = agreement ? titleOf(agreement) : `all ${count.toLocaleString()}`;
  return (
    <>
      {count > 0 && (
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
      )}
      <Modal title="Not frozen" isOpen={error !== null} onDismiss={reset}>
        <p style={{ whiteSpace: 'pre-line' }}>{error?.message}</p>
      </Modal>
    </>
  );
}
