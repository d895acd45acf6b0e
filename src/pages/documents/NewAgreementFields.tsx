import { Button, Combobox, type ComboboxOption, Field, Input, Label, MultiCombobox, TextArea } from '@grafana/ui';
import { createContext, type ReactNode, useContext, useId, useState } from 'react';
import { Controller, type FieldPath, useFormContext } from 'react-hook-form';
import { type Params } from '../../api/client';
import { type Draft, type DraftForm } from '../../api/types';
import { useOffers } from './newAgreement';

/** What is missing or wrong, as far as it is to be shown. */
export const Complaints = createContext<Draft['complaints']>([]);

interface FieldProps {
  name: FieldPath<DraftForm>;
  label: string;
  description?: string;
  hidden?: boolean;
}

/** A field with its label, which may be for screen readers alone, and what is wrong with it. */
function Labelled({
  name,
  label,
  description,
  hidden,
  id,
  children,
}: FieldProps & { id: string; children: ReactNode }) {
  const error = useContext(Complaints).find(({ field }) => field === name)?.message;
  // Grafana 12 names a Combobox by nothing but its label's id.
  const named = (
    <Label id={`${id}-label`} htmlFor={id} description={description} className={hidden ? 'sr-only' : ''}>
      {label}
    </Label>
  );
  return (
    <Field label={named} invalid={error !== undefined} error={error} noMargin={hidden}>
      <>{children}</>
    </Field>
  );
}

/** A line of text, or several with `rows`. */
export function TextLine({ placeholder, rows, ...field }: FieldProps & { placeholder?: string; rows?: number }) {
  const id = useId();
  const { register } = useFormContext<DraftForm>();
  const common = { id, placeholder, spellCheck: false, ...register(field.name) };
  return (
    <Labelled id={id} {...field}>
      {rows ? <TextArea rows={rows} {...common} /> : <Input {...common} />}
    </Labelled>
  );
}

interface ChoiceProps extends FieldProps {
  /** The values there are, or what the backend is asked for. */
  options: Array<ComboboxOption<string>> | Params;
  /** Says what a value that is typed stands for; without it none can be. */
  custom?: string;
  onChoose?: (value: string) => void;
}

/** One of some values. Of what the backend finds none may be chosen, too. */
export function Choice({ options, custom, onChoose, ...field }: ChoiceProps) {
  const id = useId();
  const search = useOptions(options);
  const [chosen, setChosen] = useState<ComboboxOption<string> | null>(null);
  return (
    <Labelled id={id} {...field}>
      <Controller<DraftForm>
        name={field.name}
        render={({ field: { value, onChange } }) => (
          <Combobox
            id={id}
            aria-labelledby={`${id}-label`}
            options={search}
            // With its label, which is not known of what was not chosen here.
            value={!value || Array.isArray(search) || chosen?.value !== value ? String(value) || null : chosen}
            createCustomValue={custom !== undefined}
            customValueDescription={custom}
            isClearable={!Array.isArray(search) as true}
            onChange={(one: ComboboxOption<string> | null) => {
              setChosen(one);
              onChange(one?.value ?? '');
              onChoose?.(one?.value ?? '');
            }}
          />
        )}
      />
    </Labelled>
  );
}

/** What a Combobox offers: its own list, or what the backend finds. */
function useOptions(options: ChoiceProps['options']) {
  const offers = useOffers();
  if (Array.isArray(options)) {
    return options;
  }
  return async (search: string) => (await offers({ ...options, search })).offers;
}

/** Service and teams: of the folder, or new ones. */
export function Parties() {
  const id = useId();
  const teams = useOptions({ of: 'team' });
  return (
    <>
      <TextLine name="displayName" label="Title" placeholder="Payments API for Checkout" />
      <Choice name="service" label="Service" options={{ of: 'service' }} custom="New service" />
      <Choice
        name="provider"
        label="Provider"
        description="The team that promises."
        options={{ of: 'team' }}
        custom="New team"
      />
      <Labelled id={id} name="consumers" label="Consumers" description="The teams to which it is promised.">
        <Controller<DraftForm, 'consumers'>
          name="consumers"
          render={({ field: { value, onChange } }) => (
            <MultiCombobox
              id={id}
              aria-labelledby={`${id}-label`}
              options={teams}
              value={value.map((one) => ({ value: one, label: one }))}
              createCustomValue
              customValueDescription="New team"
              onChange={(chosen) => onChange(chosen.map((one) => one.value))}
            />
          )}
        />
      </Labelled>
    </>
  );
}

const windows = [
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: '90d', label: 'Last 90 days' },
  { value: 'week', label: 'Calendar week' },
  { value: 'month', label: 'Calendar month' },
  { value: 'quarter', label: 'Calendar quarter' },
  { value: 'year', label: 'Calendar year' },
];

const zones = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map((value) => ({ value }));

/** How much has to be good, over which time. */
export function Terms({ achievable }: { achievable?: string }) {
  const { setValue } = useFormContext<DraftForm>();
  return (
    <>
      <TextLine name="target" label="Target" placeholder="99.9%" />
      {achievable && (
        <Button type="button" variant="secondary" size="sm" icon="check" onClick={() => setValue('target', achievable)}>
          {`Use ${achievable}, which history would have held`}
        </Button>
      )}
      <Choice name="window" label="Window" options={windows} />
      <Choice
        name="supportHours"
        label="Support hours"
        description="Without a calendar it counts around the clock."
        options={{ of: 'calendar' }}
      />
      <Choice name="timeZone" label="Time zone" options={zones} />
    </>
  );
}
