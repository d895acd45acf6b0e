import { Alert, LoadingPlaceholder, Stack, Text, TextLink, Tooltip } from '@grafana/ui';
import { useMemo } from 'react';
import { type Answer } from '../../api/documents';
import { type Effect, type Preview as PreviewAnswer } from '../../api/types';
import { column, DataTable } from '../../components/DataTable';
import { figure, instant } from '../../components/figures';
import { titleOf } from '../../components/Named';
import { StateBadge } from '../../components/StateBadge';
import { usePaths } from '../../paths';

interface PreviewProps {
  answer: Answer<PreviewAnswer>;
  /** Whether the text has no errors. */
  valid: boolean;
}

/** The effect of a text on the figures, also while it is loading. */
export function Preview({ answer: { value, current, waiting, error }, valid }: PreviewProps) {
  return (
    <div aria-live="polite" aria-busy={waiting}>
      {error && (
        <Alert severity="warning" title="The preview could not be made">
          {error.message}
        </Alert>
      )}
      {!valid && <p>The effect is shown as soon as the text has no errors.</p>}
      {waiting && <LoadingPlaceholder text="Measuring the last 90 days…" />}
      {value && !current && !waiting && <p>This is of an earlier text.</p>}
      {value && <PreviewFigures preview={value} />}
    </div>
  );
}

/** The agreements that a change concerns, each with the difference in words and the figures before and after it. */
function PreviewFigures({ preview }: { preview: PreviewAnswer }) {
  if (preview.agreements.length === 0) {
    return <p>No agreement is measured differently because of this text.</p>;
  }
  return (
    <Stack direction="column" gap={2}>
      <Text color="secondary">{`As of ${instant(preview.at)}, as if it had been in force all the time`}</Text>
      {preview.agreements.map((effect) => (
        <OneEffect key={`${effect.kind}/${effect.name}`} effect={effect} />
      ))}
      {preview.more.length > 0 && <p>{`Also concerned: ${preview.more.join(', ')}`}</p>}
    </Stack>
  );
}

function OneEffect({ effect }: { effect: Effect }) {
  const paths = usePaths();
  const title = titleOf(effect);
  return (
    <section aria-label={title}>
      <h3>
        <Text variant="h5">{effect.before ? <TextLink href={paths.agreement(effect)}>{title}</TextLink> : title}</Text>
      </h3>
      {effect.differences.map((one) => (
        <div key={one.objective}>
          <Text variant="h6">{one.objective}</Text>
          <p>{one.text}</p>
          {one.changes && <Periods periods={one.periods} isNew={!effect.before} />}
        </div>
      ))}
    </section>
  );
}

type Period = Effect['differences'][number]['periods'][number];

function Periods({ periods, isNew }: { periods: Period[]; isNew: boolean }) {
  const columns = useMemo(
    () => [
      column<Period>('period', 'Period', ({ period }) => period),
      ...(isNew ? [] : [column<Period>('before', 'Before', ({ before }) => <Side figures={before} />)]),
      column<Period>('after', 'After', ({ after }) => <Side figures={after} />),
    ],
    [isNew],
  );
  return <DataTable columns={columns} list={{ rows: periods }} rowId={({ period }) => period} />;
}

function Side({ figures }: { figures: Period['after'] }) {
  return figures ? (
    <Stack wrap="wrap" alignItems="center">
      <StateBadge state={figures.state} />
      <span>{`${figure(figures.compliance, 'ratio')} of ${figure(figures.target, 'ratio')}`}</span>
      <Tooltip content={`Error budget left: ${figures.budget}`}>
        <span>{`${figure(figures.remaining, 'ratio')} left`}</span>
      </Tooltip>
    </Stack>
  ) : (
    <span>Not promised</span>
  );
}
