import { Alert, Button, EmptyState, Stack, TextLink } from '@grafana/ui';
import { type ResourceError } from '../api/client';
import { useDataSource } from '../api/DataSource';
import { type Refusal } from '../api/types';

interface Props {
  error: ResourceError;
  /** Tries again. */
  reload: () => void;
}

/** Says why a page is not there, in the backend's own words, and what can be done. */
export function ErrorPage({ error, reload }: Props) {
  const { uid, name } = useDataSource();
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
          <TextLink href={`/connections/datasources/edit/${encodeURIComponent(uid)}`} inline={false}>
            {`Settings of the data source ${name}`}
          </TextLink>
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

/** Says why a change was not made, and what is wrong with each document. */
export function ChangeError({ error, title = 'Nothing was changed' }: { error: Error; title?: string }) {
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
