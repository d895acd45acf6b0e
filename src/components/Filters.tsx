import { Box, Combobox, FilterInput } from '@grafana/ui';
import { useCallback, useEffect, useId, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { type Choice } from '../api/types';
import { setParams } from '../paths';

/** Milliseconds after the last key until the URL changes; browsers limit the rate of changes. */
const typingPause = 300;

/** The search of a list: shown as it is typed, set in the URL after a pause or when something else is chosen. */
export function Search({ label }: { label: string }) {
  const [search] = useSearchParams();
  const [typed, setTyped] = useState<string>();
  const settle = useCallback(() => {
    if (typed !== undefined) {
      setParams({ search: typed }, true);
      setTyped(undefined);
    }
  }, [typed]);
  useEffect(() => {
    const timer = setTimeout(settle, typingPause);
    return () => clearTimeout(timer);
  }, [settle]);
  return (
    <FilterInput
      aria-label={label}
      placeholder="Search"
      width={24}
      escapeRegex={false}
      value={typed ?? search.get('search') ?? ''}
      onChange={setTyped}
      onBlur={settle}
    />
  );
}

interface FilterProps {
  /** The parameter in the URL. */
  name: string;
  label: string;
  /** All values, or a function that finds values for the typed text; it must stay the same function. */
  choices: Choice[] | ((typed: string) => Promise<Choice[]>);
  /** The label of the value in the URL, if `choices` is a function. */
  chosen?: string;
}

/** A filter of a list by a value in the URL. */
export function Filter({ name, label, choices, chosen }: FilterProps) {
  const [search] = useSearchParams();
  const id = useId();
  const value = search.getAll(name).join();
  // The label arrives with the list: until then `chosen` is that of the previous value.
  const [known, setKnown] = useState({ chosen, value });
  if (known.chosen !== chosen) {
    setKnown({ chosen, value });
  }
  const options = (all: Choice[]) =>
    all.map(({ value, label, count }) => ({ value, label: `${label} (${count.toLocaleString()})` }));
  return (
    // Two more than the Combobox's minimum: its icon widens it, which could wrap the next filters to another line.
    <Box minWidth={16}>
      {/* In Grafana 12 only `aria-labelledby` names a Combobox. */}
      <span id={id} className="sr-only">
        {label}
      </span>
      <Combobox
        aria-labelledby={id}
        placeholder={label}
        width="auto"
        minWidth={14}
        maxWidth={30}
        isClearable
        options={Array.isArray(choices) ? options(choices) : async (typed) => options(await choices(typed))}
        value={chosen && known.value === value ? { value, label: chosen } : search.get(name)}
        onChange={(option) => setParams({ [name]: option?.value ?? '' })}
      />
    </Box>
  );
}
