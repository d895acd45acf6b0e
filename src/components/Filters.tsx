import { Box, Combobox, FilterInput } from '@grafana/ui';
import { useEffect, useId, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { type Choice } from '../api/types';
import { setParams } from '../paths';

/** How long after the last key the URL follows, in milliseconds; browsers refuse to change it with each. */
const typingPause = 300;

/** What a list is searched for: shown at once as it is typed, and in the URL after a pause. */
export function Search({ label }: { label: string }) {
  const [search] = useSearchParams();
  const [typed, setTyped] = useState<string>();
  useEffect(() => {
    if (typed === undefined) {
      return;
    }
    const timer = setTimeout(() => {
      setParams({ search: typed }, true);
      setTyped(undefined);
    }, typingPause);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <FilterInput
      aria-label={label}
      placeholder="Search"
      width={24}
      escapeRegex={false}
      value={typed ?? search.get('search') ?? ''}
      onChange={setTyped}
    />
  );
}

interface FilterProps {
  /** The parameter in the URL. */
  name: string;
  label: string;
  /** The values there are, or what the backend finds by what is typed; then it must stay the same function. */
  choices: Choice[] | ((typed: string) => Promise<Choice[]>);
  /** What the URL asks for, in words, where the values are not at hand. */
  chosen?: string;
}

/** A filter of a list, by a value in the URL. */
export function Filter({ name, label, choices, chosen }: FilterProps) {
  const [search] = useSearchParams();
  const id = useId();
  const value = search.getAll(name).join();
  // Words come with the list: until then they are those of the value before.
  const [known, setKnown] = useState({ chosen, value });
  if (known.chosen !== chosen) {
    setKnown({ chosen, value });
  }
  const options = (all: Choice[]) =>
    all.map(({ value, label, count }) => ({ value, label: `${label} (${count.toLocaleString()})` }));
  return (
    // Two more than the Combobox has at first: it grows by its icon, and would push the next ones into another line.
    <Box minWidth={16}>
      {/* A Combobox of Grafana 12 is named by nothing but `aria-labelledby`. */}
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
