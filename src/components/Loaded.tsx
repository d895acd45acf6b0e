import { Alert, Button, EmptyState, LoadingPlaceholder, Stack, TextLink } from '@grafana/ui';
import { type ReactNode } from 'react';
import { type ResourceError } from '../api/client';
import { useDataSource } from '../api/DataSource';
import { type Refusal } from '../api/types';
import { type Resource } from '../api/useResource';
import { usePaths } from '../paths';

/** The placeholder of a page that is loading. */
export const LoadingPage = () => <LoadingPlaceholder role="status" aria-label="Loading …" text="Loading …" />;

interface Props<T> {
  resource: Resource<T>;
  children: (value: T) => ReactNode;
}

/** The value of a resource, with why figures are missing or old; else that it is loading, failed or forbidden. */
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

/** Why the value is incomplete or old, as the backend reports it. */
function Stale({ title, reasons, reload }: { title: string; reasons: string[]; reload: () => void }) {
  return (
    <Alert severity="warning" title={title}>
      {reasons.map((reason) => (
        <div key={reason}>{reason}</div>
      ))}
      {/* Not the Alert's own button, whose accessible name is «Close alert». */}
      <Button icon="sync" size="sm" variant="secondary" onClick={reload}>
        Try again
      </Button>
    </Alert>
  );
}

/** Why a page could not be loaded, as the backend reports it, and what can be done. */
export function ErrorPage({ error, reload }: { error: ResourceError; reload: () => void }) {
  const { name } = useDataSource();
  const paths = usePaths();
  return (
    <EmptyState
      role="alert"
      variant="not-found"
      message={error.forbidden ? 'You may not see this' : (titles[error.status] ?? 'This could not be loaded')}
      button={
        <Button icon="sync" variant="secondary" onClick={reload}>
          Try again
        </Button>
      }
    >
      <Stack direction="column" alignItems="center">
        <span>{error.message}</span>
        {error.forbidden ? (
          <span>Ask an administrator of Grafana for the right to query the data source {name}.</span>
        ) : (
          error.status !== 404 && (
            <TextLink href={paths.settings()} inline={false}>
              {`Settings of the data source ${name}`}
            </TextLink>
          )
        )}
      </Stack>
    </EmptyState>
  );
}

/** Titles by HTTP status; 0 is no response. */
const titles: Record<number, string> = {
  0: 'Grafana does not answer',
  404: 'There is nothing here',
  502: 'Prometheus does not answer',
  503: 'The documents cannot be read',
  504: 'Prometheus does not answer',
};

/** Why a change failed, and the problems of the documents. */
export function Failure({ error, title = 'Nothing was changed' }: { error: Error; title?: string }) {
  const { problems = [] } = ((error as Partial<ResourceError>).body ?? {}) as Partial<Refusal>;
  return (
    <Alert severity="error" title={title}>
      {error.message}
      {problems?.map(({ file, line, message }, i) => (
        <div key={i}>{`${file}:${line}: ${message}`}</div>
      ))}
    </Alert>
  );
}
