import { useEffect, useState } from 'react';

/** How long after the last key the URL is told, in milliseconds; browsers refuse to change it with each. */
const delay = 300;

/** The text of a search that is typed: at once for who types, and in the URL when they pause. */
export function useSearchText(inURL: string, tell: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState<string>();

  useEffect(() => {
    if (typed === undefined) {
      return;
    }
    const timer = setTimeout(() => {
      tell(typed);
      setTyped(undefined);
    }, delay);
    return () => clearTimeout(timer);
  }, [typed, tell]);

  return [typed ?? inURL, setTyped];
}
