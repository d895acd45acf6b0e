import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { FilterInput, MultiCombobox, useStyles2 } from '@grafana/ui';
import { memo, useId, useMemo } from 'react';
import { type Stage, type State } from '../../api/types';
import { stageWord, stateWord } from '../../components/words';
import { choices, filterNames, type FilterName, type Filters, withoutAgreement } from './filters';
import { type AgreementRow } from './agreementRow';

interface Props {
  agreementRows: AgreementRow[];
  filters: Filters;
  called: (team: string) => string;
  search: string;
  onSearch: (text: string) => void;
  onFilter: (name: FilterName, values: string[]) => void;
}

/** The search and the filters, each with what there is to choose. */
export function FilterBar({ agreementRows, filters, called, search, onSearch, onFilter }: Props) {
  const styles = useStyles2(getStyles);
  const label = 'Search agreements';
  return (
    <div role="search" aria-label={label} className={styles.bar}>
      <div className={styles.search}>
        <FilterInput
          aria-label={label}
          placeholder={'Search by name, team, service or objective'}
          value={search}
          onChange={onSearch}
          escapeRegex={false}
        />
      </div>
      {filterNames.map((name) => (
        <Filter
          key={name}
          name={name}
          agreementRows={agreementRows}
          chosen={filters[name]}
          called={called}
          onFilter={onFilter}
        />
      ))}
    </div>
  );
}

interface FilterProps {
  name: FilterName;
  agreementRows: AgreementRow[];
  chosen: string[];
  called: (team: string) => string;
  onFilter: Props['onFilter'];
}

const Filter = memo(function Filter({ name, agreementRows, chosen, called, onFilter }: FilterProps) {
  const styles = useStyles2(getStyles);
  const id = useId();
  const label = filterWord(name);
  // Both must stay the same as long as nothing changes, or the Combobox tells of a change.
  const options = useMemo(
    () =>
      choices(agreementRows, name).map(({ value, count }) => ({
        value,
        label: valueWord(name, value, called),
        description: count.toLocaleString('en'),
      })),
    [agreementRows, name, called],
  );
  const key = chosen.join('\n');
  const value = useMemo(
    () => (key ? key.split('\n') : []).map((one) => ({ value: one, label: valueWord(name, one, called) })),
    [key, name, called],
  );
  return (
    <div className={styles.filter}>
      <label id={`${id}-label`} htmlFor={id} className={styles.label}>
        {label}
      </label>
      <MultiCombobox
        id={id}
        // Grafana 12 puts the id on nothing.
        aria-labelledby={`${id}-label`}
        options={options}
        value={value}
        placeholder={'Any'}
        isClearable
        onChange={(picked) => {
          const values = picked.map((option) => option.value);
          // It tells of what it is given, too.
          if (values.join('\n') !== key) {
            onFilter(name, values);
          }
        }}
      />
    </div>
  );
});

function filterWord(name: FilterName): string {
  switch (name) {
    case 'state':
      return 'State';
    case 'provider':
      return 'Provider';
    case 'consumer':
      return 'Consumer';
    case 'service':
      return 'Service';
    case 'stage':
      return 'Stage';
    case 'label':
      return 'Label';
  }
}

/** A value as people know it; one from an old URL may be none at all. */
function valueWord(name: FilterName, value: string, called: (team: string) => string): string {
  switch (name) {
    case 'state':
      return stateWord(value as State) ?? value;
    case 'stage':
      return value === withoutAgreement ? 'SLO without agreement' : (stageWord(value as Stage) ?? value);
    case 'provider':
    case 'consumer':
      return called(value);
    default:
      return value;
  }
}

function getStyles(theme: GrafanaTheme2) {
  return {
    bar: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 150px), 1fr))',
      gap: theme.spacing(1),
      alignItems: 'end',
    }),
    search: css({ gridColumn: '1 / -1' }),
    filter: css({ minWidth: 0 }),
    label: css({
      display: 'block',
      marginBottom: theme.spacing(0.5),
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
    }),
  };
}
