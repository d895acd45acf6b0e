import { Combobox, type ComboboxOption, Field, Input, Label, MultiCombobox, TextArea } from '@grafana/ui';
import { createContext, type HTMLInputTypeAttribute, type ReactNode, useContext, useId, useState } from 'react';
import { Controller, type FieldPath, useFormContext } from 'react-hook-form';
import { callResource } from '../api/client';
import { useDataSource } from '../api/DataSource';
import { type Draft, type DraftForm, type ExclusionForm, type Offers } from '../api/types';

/** The problems of a form that are to be shown. */
export const Complaints = createContext<Draft['complaints']>([]);

interface FieldProps {
  name: FieldPath<DraftForm> | FieldPath<ExclusionForm>;
  label: string;
  description?: string;
  hidden?: boolean;
}

/** A field with its problem and its label, which may be for screen readers only. */
function Labelled({
  name,
  label,
  description,
  hidden,
  id,
  children,
}: FieldProps & { id: string; children: ReactNode }) {
  const error = useContext(Complaints).find(({ field }) => field === name)?.message;
  // In Grafana 12 only the id of its label names a Combobox.
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

interface TextProps extends FieldProps {
  placeholder?: string;
  type?: HTMLInputTypeAttribute;
  rows?: number;
}

/** A line of text, or several with `rows`. */
export function TextLine({ placeholder, type, rows, ...field }: TextProps) {
  const id = useId();
  const common = { id, placeholder, spellCheck: false, ...useFormContext().register(field.name) };
  return (
    <Labelled id={id} {...field}>
      {rows ? <TextArea rows={rows} {...common} /> : <Input type={type} {...common} />}
    </Labelled>
  );
}

interface ChoiceProps extends FieldProps {
  /** All values, or parameters with which the backend finds them. */
  options: Array<ComboboxOption<string>> | Record<string, string>;
  /** The description of a typed value; absent if only listed values are allowed. */
  custom?: string;
  onChoose?: (value: string) => void;
}

/** One of several values. If the backend finds them, it can be cleared. */
export function Choice({ options, custom, onChoose, ...field }: ChoiceProps) {
  const id = useId();
  const search = useOptions(options);
  const [chosen, setChosen] = useState<ComboboxOption<string> | null>(null);
  return (
    <Labelled id={id} {...field}>
      <Controller
        name={field.name}
        render={({ field: { value, onChange } }) => (
          <Combobox
            id={id}
            aria-labelledby={`${id}-label`}
            options={search}
            // The label is known only for an option that was chosen here.
            value={Array.isArray(search) ? value : chosen?.value === value ? chosen : value || null}
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

/** Any number of values. */
export function Choices({ options, custom, ...field }: ChoiceProps) {
  const id = useId();
  const search = useOptions(options);
  const [chosen, setChosen] = useState<Array<ComboboxOption<string>>>([]);
  return (
    <Labelled id={id} {...field}>
      <Controller
        name={field.name}
        render={({ field: { value, onChange } }) => (
          <MultiCombobox
            id={id}
            aria-labelledby={`${id}-label`}
            options={search}
            value={(value as string[]).map((one) => chosen.find((known) => known.value === one) ?? { value: one })}
            createCustomValue={custom !== undefined}
            customValueDescription={custom}
            onChange={(all) => {
              setChosen(all);
              onChange(all.map((one) => one.value));
            }}
          />
        )}
      />
    </Labelled>
  );
}

/** The options of a field: its own list, or what the backend finds. */
function useOptions(options: ChoiceProps['options']) {
  const offers = useOffers();
  return Array.isArray(options) ? options : async (search: string) => (await offers({ ...options, search })).offers;
}

/** Requests suggestions for a field. Errors give none, because values can be typed. */
export function useOffers(): (params: Record<string, string>) => Promise<Offers> {
  const { uid } = useDataSource();
  return (params) =>
    callResource<Offers>(uid, `offers?${new URLSearchParams(params)}`).catch(() => ({ offers: [], suggested: [] }));
}

/** Options from labels by value. */
export const labelled = (labels: Record<string, string>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

/** The time zones that the browser supports. */
export const timeZones = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map((value) => ({ value }));

/** The time zone of the browser. */
export const ownTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
