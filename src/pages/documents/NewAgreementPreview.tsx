import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, Spinner, Stack, Text, TextArea, useStyles2 } from '@grafana/ui';
import { type ResourceError } from '../../api/client';
import { type Draft, type DraftCounts, type DraftFigures } from '../../api/types';
import { column, DataTable } from '../../components/DataTable';
import { figure } from '../../components/figures';
import { Failure } from '../../components/Loaded';

interface Props {
  draft: Draft;
  /** The draft with figures of 90 days; absent until they are those of the current form. */
  past?: Draft;
  /** Whether the draft is older than the form, and whether history is being read. */
  updating: boolean;
  reading: boolean;
  error?: ResourceError;
}

/** The preview of the form: its counts, its compliance in the past, and its documents. */
export function Preview({ draft, past, updating, reading, error }: Props) {
  const styles = useStyles2(getStyles);
  const figures = draft.figures;
  const problems = [...new Set([...draft.problems, ...(past?.problems ?? [])])];
  return (
    <Stack direction="column" gap={1} aria-label="Preview" role="region" minWidth={0}>
      <Stack alignItems="center" gap={1}>
        <Text element="h2" variant="h4">
          Preview
        </Text>
        {(updating || (figures && reading)) && <Spinner aria-label="Updating" />}
      </Stack>
      {error && <Failure error={error} title="There is no preview" />}
      {figures && <Figures figures={figures} past={past?.figures ?? undefined} />}
      {!figures && !error && (
        <Text color="secondary" element="p">
          {draft.reason ??
            'Once it is known what is measured, its counts and the compliance of the last 90 days are shown.'}
        </Text>
      )}
      {problems.length > 0 && (
        <Alert severity="warning" title="To look at">
          {problems.map((problem) => (
            <p key={problem}>{problem}</p>
          ))}
        </Alert>
      )}
      <TextArea className={styles.yaml} aria-label="YAML" readOnly rows={24} value={draft.text} />
    </Stack>
  );
}

type Row = DraftCounts & { time: string };

function Figures({ figures, past }: { figures: DraftFigures; past?: DraftFigures }) {
  const unit = figures.unit;
  const rows: Row[] = [{ time: 'Last 6 hours', ...figures.lastHours }];
  if (past?.last90Days) {
    rows.push({ time: 'Last 90 days', ...past.last90Days });
  }
  const total = unit === 'seconds' ? 'Measured' : 'Events';
  const columns = [
    column<Row>('time', 'Time', ({ time }) => time),
    column<Row>('total', total, (row) => figure(row.total, unit)),
    column<Row>('bad', 'Bad', ({ bad }) => figure(bad, unit)),
    column<Row>('compliance', 'Compliance', ({ reason, compliance }) => reason ?? figure(compliance, 'ratio')),
  ];
  return (
    <>
      <DataTable columns={columns} list={{ rows }} rowId={({ time }) => time} />
      {past?.sentences.map((sentence) => (
        <Text key={sentence} element="p">
          {sentence}
        </Text>
      ))}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  yaml: css({ fontFamily: theme.typography.fontFamilyMonospace, whiteSpace: 'pre' }),
});
