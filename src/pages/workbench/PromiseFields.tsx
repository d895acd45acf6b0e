import { ChoiceField, ratioOf, TextField } from './fields';
import { type Errors } from './Form';
import { type Promise } from './newDocument';

/** What is promised, as far as it is typed. */
export interface PromiseDraft {
  /** In percent. */
  target: string;
  window: string;
}

export function beginPromise(): PromiseDraft {
  return { target: '99.5', window: 'month' };
}

export function promiseErrors({ target }: PromiseDraft): Errors {
  return ratioOf(target) === undefined ? { target: 'A target lies above 0 % and at most at 100 %' } : {};
}

/** Of a draft without errors. */
export function promiseOf({ target, window }: PromiseDraft): Promise {
  return { target: ratioOf(target)!, window };
}

interface Props {
  value: PromiseDraft;
  errors: Errors;
  onChange: (change: Partial<PromiseDraft>) => void;
}

/** How much has to be good, and over which time. */
export function PromiseFields({ value, errors, onChange }: Props) {
  return (
    <>
      <TextField
        label={'Target, in percent'}
        value={value.target}
        error={errors.target}
        onChange={(target) => onChange({ target })}
      />
      <ChoiceField
        label={'Window'}
        value={value.window}
        options={[
          { value: 'month', label: 'Each calendar month' },
          { value: 'quarter', label: 'Each calendar quarter' },
          { value: 'week', label: 'Each calendar week' },
          { value: '30d', label: 'The last 30 days, moving on' },
          { value: '7d', label: 'The last 7 days, moving on' },
        ]}
        onChange={(window) => onChange({ window })}
      />
    </>
  );
}
