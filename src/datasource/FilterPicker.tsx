import { MultiCombobox } from '@grafana/ui';
import { EditorField } from '@grafana/plugin-ui';
import { useId, useMemo } from 'react';
import { choices, type Catalog, type Filters } from './catalog';
import { filterFields, type FilterField } from './types';

interface Props {
  field: FilterField;
  label: string;
  tooltip: string;
  /** All filters of the query: the others narrow what is offered here. */
  filters: Filters;
  catalog?: Catalog;
  onChange: (values: string[]) => void;
}

/** Picks names from the catalog; a /regular expression/ or a $variable is typed in. */
export function FilterPicker({ field, label, tooltip, filters, catalog, onChange }: Props) {
  const id = useId();
  const chosen = filters[field];
  // Both must stay the same as long as nothing changes; see QueryEditor.
  const options = useMemo(
    () => (catalog ? choices(catalog, field, withoutVariables(filters)) : []),
    [catalog, field, filters],
  );
  const value = useMemo(() => (chosen ?? []).map((name) => ({ value: name, label: name })), [chosen]);
  return (
    <EditorField label={label} tooltip={tooltip}>
      <div id={id} role="group" aria-label={label}>
        <MultiCombobox
          aria-labelledby={id}
          data-testid={`accord-${field}`}
          options={options}
          value={value}
          onChange={(picked) => onChange(picked.map((option) => option.value))}
          createCustomValue
          isClearable
          placeholder={field === 'labels' ? 'name=value' : 'All'}
          width="auto"
          minWidth={20}
          maxWidth={60}
        />
      </div>
    </EditorField>
  );
}

/** What a variable will be is not known here, so it narrows nothing. */
function withoutVariables(filters: Filters): Filters {
  return Object.fromEntries(
    filterFields.map((field) => [field, filters[field]?.some((value) => value.includes('$')) ? [] : filters[field]]),
  );
}
