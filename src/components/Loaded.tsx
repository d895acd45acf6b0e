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
  switch (resource.state) {
    case 'loading':
      return loading;
    case 'error':
    case 'forbidden':
      return <ErrorPage error={resource.error} reload={resource.reload} />;
    case 'ready':
      return (
        <>
          {resource.error && (
            <Alert
              severity="warning"
              title={'This is how it stood before: it could not be renewed'}
              buttonContent={'Try again'}
              onRemove={resource.reload}
            >
              {resource.error.message}
            </Alert>
          )}
          {children(resource.value)}
        </>
      );
  }
}
