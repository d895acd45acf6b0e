import { Alert } from '@grafana/ui';

interface Props {
  /** In the words of the backend; without any, nothing is shown. */
  reasons: string[];
  /** Asks again. */
  reload: () => void;
}

/** Says why figures are missing, or are not of now. */
export function Unmeasured({ reasons, reload }: Props) {
  return reasons.length > 0 ? (
    <Alert severity="warning" title="Not everything could be measured" buttonContent="Try again" onRemove={reload}>
      {reasons.map((reason) => (
        <div key={reason}>{reason}</div>
      ))}
    </Alert>
  ) : null;
}
