import { IconButton, Stack, Text } from '@grafana/ui';
import { type Resource } from '../api/useResource';
import { instant } from './figures';

interface Props {
  /** When what is shown was measured; absent until it is there. */
  at?: string;
  resource: Pick<Resource<unknown>, 'reload' | 'refreshing'>;
}

/** Says of when the figures are, and asks for newer ones. */
export function AsOf({ at, resource }: Props) {
  return (
    <Stack alignItems="center" gap={1}>
      {at && <Text color="secondary" tabular>{`As of ${instant(at)}`}</Text>}
      <IconButton name={resource.refreshing ? 'spinner' : 'sync'} tooltip="Refresh" onClick={resource.reload} />
    </Stack>
  );
}
