import { Alert, Box, TextLink } from '@grafana/ui';
import { useDataSource } from '../../api/DataSource';
import { segment } from '../../api/client';
import { type Health } from '../../api/types';
import { Section } from '../../components/Section';
import { sentence, date, lengthWords } from '../../components/words';
import { t } from '../../locales/t';
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
    { id: 'server', label: t('health.server', 'Address'), value: server },
    { id: 'engine', label: t('health.engine', 'Engine'), value: [engine, version].filter(Boolean).join(' ') },
    {
      id: 'method',
      label: t('health.method', 'Counts by the method'),
      value: readRefusal
        ? t('health.readRefused', '{{method}} (remote read is refused: {{reason}})', { method, reason: readRefusal })
        : method,
    },
    { id: 'oldest', label: t('health.oldest', 'Data reaches back to'), value: oldest && date(oldest) },
    { id: 'resolution', label: t('health.resolution', 'Counted in slots of'), value: lengthWords(resolution) },
    { id: 'cache', label: t('health.cache', 'Remembered counts'), value: remembered(cache) },
  ];
  return (
    <Section title={t('health.connection', 'Prometheus')}>
      {error && (
        <Alert severity="error" title={t('health.unreachable', 'Prometheus does not answer')}>
          <p>{error}</p>
          <TextLink href={`/connections/datasources/edit/${segment(uid)}`} inline={false}>
            {t('health.settings', 'To the settings of the data source')}
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
  return problem
    ? t('health.cache-memory', '{{size}}, in memory alone: {{problem}}', { size, problem })
    : t('health.cache-disk', '{{size}} in memory, and on disk', { size });
}
