import { Combobox, Field, Input, Label, MultiCombobox } from '@grafana/ui';
import { useId, useMemo } from 'react';

interface Common {
  label: string;
  description?: string;
  /** Said once the form was to be used without it. */
  error?: string;
}

/** A line of text. */
export function TextField({
  value,
  onChange,
  placeholder,
  type = 'text',
  ...common
}: Common & {
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  type?: 'text' | 'date' | 'time' | 'datetime-local';
}) {
  const id = useId();
  return (
    <Field {...shown(common)} htmlFor={id}>
      <Input
        id={id}
        type={type}
        value={value}
        placeholder={placeholder}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </Field>
  );
}

/** One of some names. */
export function ChoiceField({
  value,
  onChange,
  options,
  clearable = false,
  ...common
}: Common & {
  value: string;
  onChange: (value: string) => void;
  options: Array<{ value: string; label?: string; description?: string }>;
  clearable?: boolean;
}) {
  const id = useId();
  return (
    <Field {...shown(common)} htmlFor={id}>
      {clearable ? (
        <Combobox
          id={id}
          options={options}
          value={value || null}
          isClearable
          onChange={(one) => onChange(one?.value ?? '')}
        />
      ) : (
        <Combobox id={id} options={options} value={value || null} onChange={(one) => onChange(one.value)} />
      )}
    </Field>
  );
}

/** Several names; others may be typed where `custom`. */
export function NamesField({
  value,
  onChange,
  options,
  custom = false,
  label,
  description,
  error,
}: Common & { value: string[]; onChange: (value: string[]) => void; options: string[]; custom?: boolean }) {
  const id = useId();
  // Both must stay the same as long as nothing changes.
  const key = JSON.stringify(options);
  const all = useMemo(() => asOptions(JSON.parse(key) as string[]), [key]);
  const chosen = useMemo(() => asOptions(value), [value]);
  return (
    <Field
      {...shown({ error })}
      label={
        <Label id={`${id}-label`} htmlFor={id} description={description}>
          {label}
        </Label>
      }
    >
      <MultiCombobox
        id={id}
        // Grafana 12 puts the id on nothing.
        aria-labelledby={`${id}-label`}
        options={all}
        value={chosen}
        createCustomValue={custom}
        onChange={(picked) => onChange(picked.map((one) => one.value))}
      />
    </Field>
  );
}

const asOptions = (names: string[]) => names.map((name) => ({ value: name, label: name }));

/** A time zone by its IANA name. */
export function TimeZoneField({
  label,
  value,
  onChange,
}: {
  label?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <ChoiceField
      label={label ?? 'Time zone'}
      value={value}
      onChange={onChange}
      options={[...new Set(['UTC', value, ...Intl.supportedValuesOf('timeZone')])].map((one) => ({ value: one }))}
    />
  );
}

function shown({ label, description, error }: Partial<Common>) {
  return { label, description, error, invalid: error !== undefined, noMargin: true };
}

/** The time zone of this browser. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** A ratio from what was typed in percent; undefined when it is none in (0, 1]. */
export function ratioOf(percent: string): number | undefined {
  const value = Number(percent.replace(',', '.').replace('%', '').trim());
  // In decimal, since 99.9 / 100 is not 0.999 in binary.
  return percent.trim() && value > 0 && value <= 100 ? Number((value / 100).toPrecision(12)) : undefined;
}
