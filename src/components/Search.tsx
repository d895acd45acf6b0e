import { FilterInput } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { withParams } from './DataTable';

/** How long after the last key the URL follows, in milliseconds; browsers refuse to change it with each. */
const typingPause = 300;

/** What a list is searched for: shown at once as it is typed, and in the URL after a pause. */
export function Search({ label }: { label: string }) {
  const [search, setSearch] = useSearchParams();
  const [typed, setTyped] = useState<string>();
  useEffect(() => {
    if (typed === undefined) {
      return;
    }
    const timer = setTimeout(() => {
      setSearch((before) => withParams(before, { search: typed }), { replace: true });
      setTyped(undefined);
    }, typingPause);
    return () => clearTimeout(timer);
  }, [typed, setSearch]);
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
