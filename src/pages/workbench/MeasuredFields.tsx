import { Field, Input, RadioButtonGroup, TextArea } from '@grafana/ui';
import { useId } from 'react';
import { ChoiceField } from './fields';
import { type Errors } from './Form';
import { type Measured } from './fromQuery';
import { type Limit } from './newDocument';

/** What is measured, as far as it is typed. */
export interface MeasuredDraft {
  kind: Measured['kind'];
  /** What is good or bad. */
  part: string;
  total: string;
  /** The value that has a limit. */
  value: string;
  op: Limit['op'];
  limit: string;
}

export function beginMeasured(from?: Measured): MeasuredDraft {
  return {
    kind: from?.kind ?? 'bad',
    part: from && 'part' in from ? from.part : '',
    total: from && 'total' in from ? from.total : '',
    value: from?.kind === 'threshold' ? from.value : '',
    op: 'lt',
    limit: '',
  };
}

export function measuredErrors({ kind, part, total, value, limit }: MeasuredDraft): Errors {
  const required = 'Is needed';
  if (kind === 'threshold') {
    return {
      ...(value.trim() ? {} : { value: required }),
      ...(limit.trim() && Number.isFinite(Number(limit)) ? {} : { limit: 'A number is needed' }),
    };
  }
  return { ...(part.trim() ? {} : { part: required }), ...(total.trim() ? {} : { total: required }) };
}

/** Of a draft without errors. */
export function measuredOf({ kind, part, total, value, op, limit }: MeasuredDraft): {
  measured: Measured;
  limit?: Limit;
} {
  return kind === 'threshold'
    ? { measured: { kind, value: value.trim() }, limit: { op, value: Number(limit) } }
    : { measured: { kind, part: part.trim(), total: total.trim() } };
}

interface Props {
  value: MeasuredDraft;
  errors: Errors;
  onChange: (value: MeasuredDraft) => void;
}

/** What is measured, in PromQL. */
export function MeasuredFields({ value, errors, onChange }: Props) {
  const set = (change: Partial<MeasuredDraft>) => onChange({ ...value, ...change });
  const limitId = useId();
  return (
    <>
      <Field noMargin label={'How it is measured'}>
        <RadioButtonGroup
          aria-label={'How it is measured'}
          options={[
            { value: 'bad' as const, label: 'Bad of all' },
            { value: 'good' as const, label: 'Good of all' },
            { value: 'threshold' as const, label: 'A value' },
          ]}
          value={value.kind}
          onChange={(kind) => set({ kind })}
        />
      </Field>
      {value.kind === 'threshold' ? (
        <>
          <Query
            label={'The value, in PromQL'}
            value={value.value}
            error={errors.value}
            placeholder="avg(queue_length)"
            onChange={(query) => set({ value: query })}
          />
          <ChoiceField
            label={'It is good while it is'}
            value={value.op}
            options={[
              { value: 'lt', label: 'below' },
              { value: 'lte', label: 'at most' },
              { value: 'gt', label: 'above' },
              { value: 'gte', label: 'at least' },
            ]}
            onChange={(op) => set({ op: op as Limit['op'] })}
          />
          <Field noMargin label={'Limit'} invalid={errors.limit !== undefined} error={errors.limit} htmlFor={limitId}>
            <Input
              id={limitId}
              inputMode="decimal"
              value={value.limit}
              onChange={(event) => set({ limit: event.currentTarget.value })}
            />
          </Field>
        </>
      ) : (
        <>
          <Query
            label={value.kind === 'bad' ? 'What is bad, in PromQL' : 'What is good, in PromQL'}
            value={value.part}
            error={errors.part}
            placeholder={'sum(rate(http_requests_total{job="api",code=~"5.."}[5m]))'}
            onChange={(part) => set({ part })}
          />
          <Query
            label={'All there is, in PromQL'}
            value={value.total}
            error={errors.total}
            placeholder={'sum(rate(http_requests_total{job="api"}[5m]))'}
            onChange={(total) => set({ total })}
          />
        </>
      )}
    </>
  );
}

function Query(props: {
  label: string;
  value: string;
  error?: string;
  placeholder: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <Field noMargin label={props.label} invalid={props.error !== undefined} error={props.error} htmlFor={id}>
      <TextArea
        id={id}
        rows={2}
        spellCheck={false}
        value={props.value}
        placeholder={props.placeholder}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      />
    </Field>
  );
}
