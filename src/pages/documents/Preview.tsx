import { Alert, type Column, InteractiveTable, LoadingPlaceholder, Stack, Text, TextLink, Tooltip } from '@grafana/ui';
import { useMemo } from 'react';
import { type Answer } from '../../api/documents';
import { type Effect, type Preview as PreviewAnswer } from '../../api/types';
import { figure, instant } from '../../components/figures';
import { StateBadge } from '../../components/StateBadge';
import { usePaths } from '../../paths';

/** What a text would do to the figures, while it is awaited and after; «valid» says that it has no errors. */
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

interface PreviewProps {
  answer: Answer<PreviewAnswer>;
  valid: boolean;
}

/** The agreements that a change concerns, each with the difference in words and the figures before and after. */
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
  const title = effect.displayName || effect.name;
  return (
    <section aria-label={title}>
      <h3>
        <Text variant="h5">
          {effect.before ? <TextLink href={paths.agreement(effect.name)}>{title}</TextLink> : title}
        </Text>
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
    (): Array<Column<Period>> => [
      { id: 'period', header: 'Period', cell: ({ row }) => row.original.period },
      ...(isNew ? [] : [{ id: 'before', header: 'Before', cell: side('before') }]),
      { id: 'after', header: 'After', cell: side('after') },
    ],
    [isNew],
  );
  return (
    <div style={{ overflowX: 'auto' }}>
      <InteractiveTable columns={columns} data={periods} getRowId={({ period }) => period} />
    </div>
  );
}

const side = (of: 'before' | 'after') =>
  function Side({ row }: { row: { original: Period } }) {
    const figures = row.original[of];
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
  };
