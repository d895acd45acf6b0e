import { Alert, Button, EmptyState, LoadingPlaceholder, Stack, TextLink } from '@grafana/ui';
import { type ReactNode } from 'react';
import { type ResourceError } from '../api/client';
import { useDataSource } from '../api/DataSource';
import { type Refusal } from '../api/types';
import { type Resource } from '../api/useResource';
import { usePaths } from '../paths';

/** Stands where a page will be. */
export const LoadingPage = () => <LoadingPlaceholder role="status" aria-label="Loading …" text="Loading …" />;

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
    <Alert severity="warning" title={title}>
      {reasons.map((reason) => (
        <div key={reason}>{reason}</div>
      ))}
      {/* Not the button that an Alert can have: its name is «Close alert». */}
      <Button icon="sync" size="sm" variant="secondary" onClick={reload}>
        Try again
      </Button>
    </Alert>
  );
}

/** Says why a page is not there, in the backend's own words, and what can be done. */
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

/** By the status of the answer; 0 is none at all. */
const titles: Record<number, string> = {
  0: 'Grafana does not answer',
  404: 'There is nothing here',
  502: 'Prometheus does not answer',
  503: 'The documents cannot be read',
  504: 'Prometheus does not answer',
};

/** Says why something was not done, and what is wrong with each document. */
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
