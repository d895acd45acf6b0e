import { Alert, Stack } from '@grafana/ui';
import { type ReactNode } from 'react';
import { type Resource } from '../api/useResource';
import { ErrorPage } from './ErrorPage';
import { LoadingPage } from './LoadingPage';

interface Props<T> {
  resource: Resource<T>;
  children: (value: T) => ReactNode;
}

/** What a resource answers, with why figures are missing in it; or that it is awaited, failed, or may not be seen. */
export function Loaded<T extends object>({ resource, children }: Props<T>) {
  const { state, value, error, reload } = resource;
  if (state === 'loading') {
    return <LoadingPage />;
  }
  if (state !== 'ready') {
    return <ErrorPage error={error} reload={reload} />;
  }
  const unmeasured = 'unmeasured' in value ? (value.unmeasured as string[]) : [];
  return (
    <Stack direction="column" gap={2}>
      {error && (
        <Stale title="This is from before: it could not be renewed" reasons={[error.message]} reload={reload} />
      )}
      {unmeasured.length > 0 && <Stale title="Not everything could be measured" reasons={unmeasured} reload={reload} />}
      {children(value)}
    </Stack>
  );
}

/** Why what is shown is not all, or not of now, in the words of the backend. */
function Stale({ title, reasons, reload }: { title: string; reasons: string[]; reload: () => void }) {
  return (
    <Alert severity="warning" title={title} buttonContent="Try again" onRemove={reload}>
      {reasons.map((reason) => (
        <div key={reason}>{reason}</div>
      ))}
    </Alert>
  );
}
