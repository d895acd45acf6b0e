import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { Combobox, type ComboboxOption, MultiCombobox } from '@grafana/ui';
import { type ComponentProps, useEffect, useId, useMemo, useRef } from 'react';
import { type AccordDataSource } from './datasource';
import { filterFields, type FilterField, type FilterValues, isTexts } from './types';

interface Props {
  datasource: AccordDataSource;
  /** The filters to show, in rows. */
  rows: FilterField[][];
  filters: FilterValues;
  onChange: (filters: FilterValues) => void;
}

const hint = 'Names, $variables or /regular expressions/. None: all.';

const labels: Record<FilterField, [label: string, tooltip: string]> = {
  agreements: ['Agreements', hint],
  objectives: ['Objectives', hint],
  services: ['Services', hint],
  providers: ['Providers', `Teams that promise. ${hint}`],
  consumers: ['Consumers', `Teams that were promised. ${hint}`],
  labels: ['Labels', 'Labels of agreements as name=value, or a /regular expression/ over it. None: all.'],
};

/** The filters of a query, each narrowed by the others. */
export function Filters({ rows, ...props }: Props) {
  return rows.map((fields) => (
    <EditorRow key={fields[0]}>
      {fields.map((field) => (
        <FilterPicker key={field} field={field} {...props} />
      ))}
    </EditorRow>
  ));
}

/** Picks names that the backend suggests; a /regular expression/ or a $variable can be typed. */
function FilterPicker({ field, datasource, filters, onChange }: Omit<Props, 'rows'> & { field: FilterField }) {
  const [label, tooltip] = labels[field];
  const options = async (search: string) =>
    // CatalogProblem shows why there are no names; they can still be typed.
    (await datasource.names(field, search, withoutVariables(filters)).catch(() => ({ names: [] }))).names.map(
      ({ name, displayName }) => ({ value: name, label: name, description: displayName }),
    );
  return (
    <Several
      label={label}
      tooltip={tooltip}
      testId={`accord-${field}`}
      options={options}
      values={filters[field]}
      onChange={(values) => onChange({ [field]: values })}
      placeholder={field === 'labels' ? 'name=value' : 'All'}
    />
  );
}

interface SeveralProps {
  label: string;
  tooltip: string;
  testId?: string;
  options: ComponentProps<typeof MultiCombobox<string>>['options'];
  values?: string[];
  onChange: (values?: string[]) => void;
  placeholder: string;
}

/** Picks several texts, listed or typed; undefined is none. */
export function Several({ label, tooltip, testId, values, onChange, ...combobox }: SeveralProps) {
  const id = useId();
  // Must stay the same object while nothing changes; see Choice.
  const value = useMemo(() => (isTexts(values) ? values : []).map((one) => ({ value: one, label: one })), [values]);
  return (
    <EditorField label={label} tooltip={tooltip}>
      <div id={id} role="group" aria-label={label}>
        <MultiCombobox
          {...combobox}
          aria-labelledby={id}
          data-testid={testId}
          value={value}
          onChange={(picked) => onChange(picked.length ? picked.map((option) => option.value) : undefined)}
          createCustomValue
          isClearable
          width="auto"
          minWidth={20}
          maxWidth={60}
        />
      </div>
    </EditorField>
  );
}

/** The values of variables are unknown here, so filters with them narrow nothing. */
function withoutVariables(filters: FilterValues): FilterValues {
  const known = (values?: string[]) => (isTexts(values) && !values.some((value) => value.includes('$')) ? values : []);
  return Object.fromEntries(filterFields.map((field) => [field, known(filters[field])]));
}

interface ChoiceProps<T extends string> {
  id: string;
  /** Must be the same objects each time: a Combobox takes others for a choice. */
  options: Array<ComboboxOption<T>>;
  value: T;
  onChange: (value: T) => void;
  createCustomValue?: boolean;
}

/**
 * A Combobox that calls onChange once for each new value. Grafana's calls it in an
 * effect, and calls it again and again if the page renders meanwhile, as Explore does.
 */
export function Choice<T extends string>({ value, onChange, ...props }: ChoiceProps<T>) {
  const announced = useRef(value);
  useEffect(() => {
    announced.current = value;
  }, [value]);
  return (
    <Combobox
      {...props}
      width={40} // the width of the options' descriptions
      value={value}
      onChange={(option) => {
        if (option.value !== announced.current) {
          announced.current = option.value;
          onChange(option.value);
        }
      }}
    />
  );
}
