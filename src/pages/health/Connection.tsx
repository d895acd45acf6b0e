import { Alert, Box, TextLink } from '@grafana/ui';
import { useDataSource } from '../../api/DataSource';
import { segment } from '../../api/client';
import { type Health } from '../../api/types';
import { Section } from '../../components/Section';
import { sentence, date, lengthWords } from '../../components/words';
import { type Fact, Facts } from '../agreement/Facts';
import { ForgetCounts } from './ForgetCounts';

interface Props {
  health: Health;
  reload: () => void;
}

/** What answers as Prometheus, how it counts, and how far back its data reaches. */
export function Connection({ health: { connection, warnings, cache }, reload }: Props) {
  const { uid } = useDataSource();
  const { server, error, engine, version, method, readRefusal, oldest, resolution } = connection;
  const facts: Fact[] = [
    { id: 'server', label: 'Address', value: server },
    { id: 'engine', label: 'Engine', value: [engine, version].filter(Boolean).join(' ') },
    {
      id: 'method',
      label: 'Counts by the method',
      value: readRefusal ? `${method} (remote read is refused: ${readRefusal})` : method,
    },
    { id: 'oldest', label: 'Data reaches back to', value: oldest && date(oldest) },
    { id: 'resolution', label: 'Counted in slots of', value: lengthWords(resolution) },
    { id: 'cache', label: 'Remembered counts', value: remembered(cache) },
  ];
  return (
    <Section title={'Prometheus'}>
      {error && (
        <Alert severity="error" title={'Prometheus does not answer'}>
          <p>{error}</p>
          <TextLink href={`/connections/datasources/edit/${segment(uid)}`} inline={false}>
            {'To the settings of the data source'}
          </TextLink>
        </Alert>
      )}
      {warnings.map((warning) => (
        <Alert key={warning} severity="warning" title={sentence(warning)} />
      ))}
      <Facts facts={facts} />
      {cache.mayDrop && (
        <Box marginTop={2}>
          <ForgetCounts done={reload} />
        </Box>
      )}
    </Section>
  );
}

function remembered({ bytes, problem }: Health['cache']): string {
  const size = `${(bytes / 1_048_576).toLocaleString('en', { maximumFractionDigits: 1 })} MiB`;
  return problem ? `${size}, in memory alone: ${problem}` : `${size} in memory, and on disk`;
}
