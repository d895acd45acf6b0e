import { Button, EmptyState, Stack, TextLink } from '@grafana/ui';
import { type ResourceError } from '../api/client';
import { useDataSource } from '../api/DataSource';

interface Props {
  error: ResourceError;
  /** Tries again. */
  reload: () => void;
}

/** Says why a page is not there, in the backend's own words, and what can be done. */
export function ErrorPage({ error, reload }: Props) {
  const { uid, name } = useDataSource();
  const [title, advice] = error.forbidden ? refused(name) : cause(error.status);
  return (
    <div role="alert">
      <EmptyState
        variant="not-found"
        message={title}
        button={
          <Button icon="sync" variant="secondary" onClick={reload}>
            {'Try again'}
          </Button>
        }
      >
        <Stack direction="column" alignItems="center">
          <span style={{ overflowWrap: 'anywhere' }}>{error.message}</span>
          <span>{advice}</span>
          {!error.forbidden && (
            <TextLink href={`/connections/datasources/edit/${encodeURIComponent(uid)}`} inline={false}>
              {`Settings of the data source ${name}`}
            </TextLink>
          )}
        </Stack>
      </EmptyState>
    </div>
  );
}

function refused(name: string): [title: string, advice: string] {
  return ['You may not see this', `Ask an administrator of Grafana for the right to query the data source ${name}.`];
}

function cause(status: number): [title: string, advice: string] {
  switch (status) {
    case 0:
      return ['Grafana does not answer', 'Is the network there? This page asks again by itself.'];
    case 404:
      return ['There is nothing here', 'It may have been renamed, or taken out of the documents.'];
    case 502:
    case 504:
      return [
        'Prometheus does not answer',
        'The agreements are there, but nothing can be measured. No figure is shown rather than a wrong one.',
      ];
    case 503:
      return [
        'The documents cannot be read',
        'The agreements lie in a folder beside Grafana, which the data source names.',
      ];
    default:
      return ['This could not be loaded', 'If it stays so, tell whoever looks after Grafana what stands above.'];
  }
}
