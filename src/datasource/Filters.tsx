import { EditorRow } from '@grafana/plugin-ui';
import { type Catalog, type Filters as FilterValues } from './catalog';
import { FilterPicker } from './FilterPicker';
import { type FilterField } from './types';

interface Props {
  /** The filters that are offered, in rows. */
  rows: FilterField[][];
  filters: FilterValues;
  catalog?: Catalog;
  onChange: (filters: FilterValues) => void;
}

const hint = 'Names, $variables or /regular expressions/. None: all.';

const labels: Record<FilterField, [string, string]> = {
  agreements: ['Agreements', hint],
  objectives: ['Objectives', hint],
  services: ['Services', hint],
  providers: ['Providers', `Teams that promise. ${hint}`],
  consumers: ['Consumers', `Teams that were promised. ${hint}`],
  labels: ['Labels', 'Labels of agreements as name=value, or a /regular expression/ over it. None: all.'],
};

/** The pickers of the filters, each narrowed by the others. */
export function Filters({ rows, filters, catalog, onChange }: Props) {
  return rows.map((fields) => (
    <EditorRow key={fields[0]}>
      {fields.map((field) => (
        <FilterPicker
          key={field}
          field={field}
          label={labels[field][0]}
          tooltip={labels[field][1]}
          filters={filters}
          catalog={catalog}
          onChange={(values) => onChange({ [field]: values.length ? values : undefined })}
        />
      ))}
    </EditorRow>
  ));
}
