import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Box, Button, Field, FieldValidationMessage, IconButton, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import { useContext } from 'react';
import { Controller, useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { type DraftForm } from '../../api/types';
import { Choice, Choices, Complaints, labelled, TextLine, timeZones, useOffers } from '../../components/fields';

/** The service and the teams: existing or new ones. */
export function Parties() {
  const team = { options: { of: 'team' }, custom: 'New team' };
  return (
    <>
      <TextLine name="displayName" label="Title" placeholder="Payments API for Checkout" />
      <Choice name="service" label="Service" options={{ of: 'service' }} custom="New service" />
      <Choice name="provider" label="Provider" description="The team that promises." {...team} />
      <Choices name="consumers" label="Consumers" description="The teams to which it is promised." {...team} />
    </>
  );
}

const ways = labelled({ events: 'Events', latency: 'Latency', queries: 'PromQL', value: 'Value', slo: 'SLO' });

const comparisons = labelled({ lt: 'below', lte: 'at most', gt: 'above', gte: 'at least' });

const operators = ['=', '!=', '=~', '!~'].map((value) => ({ value }));

/** What is measured: by metric and labels, by PromQL, or by an SLO. */
export function Measured() {
  const [by, metric] = useWatch<DraftForm, ['by', 'metric']>({ name: ['by', 'metric'] });
  return (
    <>
      <Radio name="by" label="Measure by" options={ways} />
      {by === 'events' && <Metric label="Counter of all events" of="counter" />}
      {by === 'latency' && <Metric label="Histogram" of="histogram" />}
      {(by === 'events' || by === 'latency') && <Matchers name="where" label="Only events with" />}
      {by === 'events' && (
        <>
          <Radio name="partIsGood" label="Counted apart" options={partIs} />
          <Matchers name="part" label="Events that have" />
        </>
      )}
      {by === 'latency' && (
        <Choice
          key={metric}
          name="below"
          label="Good at or below"
          description="A bound of the histogram, in its unit: mostly seconds."
          options={{ of: 'value', metric, label: 'le' }}
          custom="Use this bound"
        />
      )}
      {by === 'queries' && (
        <>
          <TextLine
            name="totalQuery"
            label="All events, in PromQL"
            rows={2}
            placeholder="sum(rate(requests_total[5m]))"
          />
          <Radio name="partIsGood" label="Counted apart" options={partIs} />
          <TextLine
            name="partQuery"
            label="These events, in PromQL"
            rows={2}
            placeholder="sum(rate(errors_total[5m]))"
          />
        </>
      )}
      {by === 'value' && (
        <>
          <TextLine name="valueQuery" label="Value, in PromQL" rows={2} placeholder="avg(queue_length)" />
          <Choice name="op" label="Good while it is" options={comparisons} />
          <TextLine name="limit" label="Limit" placeholder="100" />
        </>
      )}
      {by === 'slo' && <Choice name="slo" label="SLO" options={{ of: 'slo' }} />}
    </>
  );
}

function Radio<T>(props: { name: 'by' | 'partIsGood'; label: string; options: Array<{ value: T; label: string }> }) {
  const { name, label, options } = props;
  return (
    <Field label={label}>
      <Controller<DraftForm>
        name={name}
        render={({ field: { value, onChange } }) => (
          <RadioButtonGroup aria-label={label} options={options} value={value as T} onChange={onChange} />
        )}
      />
    </Field>
  );
}

/** Whether the part of the events that is counted apart is good or bad. */
const partIs = [
  { value: false, label: 'Bad events' },
  { value: true, label: 'Good events' },
];

/** A metric of Prometheus. For a counter, a suggested matcher of the bad events is filled in. */
function Metric({ label, of }: { label: string; of: 'counter' | 'histogram' }) {
  const { getValues, setValue } = useFormContext<DraftForm>();
  const offers = useOffers();
  async function suggest(metric: string) {
    const [suggested] = (await offers({ of: 'label', metric })).suggested;
    if (suggested && getValues('metric') === metric && getValues('part').length === 0) {
      setValue('part', [suggested]);
      setValue('partIsGood', false);
    }
  }
  return (
    <Choice
      key={of}
      name="metric"
      label={label}
      options={{ of }}
      custom="Use this metric"
      onChoose={(metric) => void (of === 'counter' && metric && suggest(metric))}
    />
  );
}

/** Matchers of the metric's labels, all of which must match. */
function Matchers({ name, label }: { name: 'where' | 'part'; label: string }) {
  const styles = useStyles2(getStyles);
  const { fields, append, remove } = useFieldArray<DraftForm, typeof name>({ name });
  const [metric, rows] = useWatch<DraftForm, ['metric', typeof name]>({ name: ['metric', name] });
  const error = useContext(Complaints).find(({ field }) => field === name)?.message;
  return (
    <Field label={label}>
      <div role="group" aria-label={label}>
        {fields.map((field, i) => (
          <div key={field.id} className={styles.matcher}>
            {(['label', 'op', 'value'] as const).map((part) => (
              <Choice
                key={part}
                hidden
                name={`${name}.${i}.${part}`}
                label={`${label}: ${part === 'op' ? 'comparison' : part} ${i + 1}`}
                options={part === 'op' ? operators : { of: part, metric, label: rows?.[i]?.label ?? '' }}
                custom={part === 'op' ? undefined : 'Use what is typed'}
              />
            ))}
            <IconButton name="trash-alt" tooltip={`Remove label ${i + 1}`} onClick={() => remove(i)} />
          </div>
        ))}
        <Button
          type="button"
          size="sm"
          variant="secondary"
          icon="plus"
          onClick={() => append({ label: '', op: '=', value: '' })}
        >
          Add label
        </Button>
        {error && <FieldValidationMessage>{error}</FieldValidationMessage>}
      </div>
    </Field>
  );
}

const windows = labelled({
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
  week: 'Calendar week',
  month: 'Calendar month',
  quarter: 'Calendar quarter',
  year: 'Calendar year',
});

/** The target, the window and the support hours. */
export function Terms({ achievable }: { achievable?: string }) {
  const { setFocus, setValue } = useFormContext();
  return (
    <>
      <TextLine name="target" label="Target" placeholder="99.9%" />
      {achievable && (
        <Box marginBottom={2}>
          <Button
            type="button"
            variant="secondary"
            size="sm"
            icon="check"
            // The button disappears until history was read for that target, so the field gets the focus.
            onClick={() => {
              setValue('target', achievable);
              setFocus('target');
            }}
          >
            {`Use ${achievable}, which history would have held`}
          </Button>
        </Box>
      )}
      <Choice name="window" label="Window" options={windows} />
      <Choice
        name="supportHours"
        label="Support hours"
        description="Without a calendar it counts around the clock."
        options={{ of: 'calendar' }}
      />
      <Choice name="timeZone" label="Time zone" options={timeZones} />
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  matcher: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 5fr) minmax(64px, 1fr) minmax(0, 6fr) auto',
    gap: theme.spacing(0.5),
    alignItems: 'center',
    marginBottom: theme.spacing(0.5),
  }),
});
