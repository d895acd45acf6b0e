import { Alert } from '@grafana/ui';
import { type ReactNode } from 'react';
import { type Resource } from '../api/useResource';
import { ErrorPage } from './ErrorPage';
import { LoadingPage } from './LoadingPage';

interface Props<T> {
  resource: Resource<T>;
  /** Shown until the first answer; in about the shape of what follows. */
  loading?: ReactNode;
  children: (value: T) => ReactNode;
}

/** What a resource answers, or that it is awaited, failed, or may not be seen. */
export function Loaded<T>({ resource, loading = <LoadingPage />, children }: Props<T>) {
  if (resource.state === 'loading') {
    return loading;
  }
  if (resource.state !== 'ready') {
    return <ErrorPage error={resource.error} reload={resource.reload} />;
  }
  return (
    <>
      {resource.error && (
        <Alert
          severity="warning"
          title="This is from before: it could not be renewed"
          buttonContent="Try again"
          onRemove={resource.reload}
        >
          {resource.error.message}
        </Alert>
      )}
      {children(resource.value)}
    </>
  );
}
