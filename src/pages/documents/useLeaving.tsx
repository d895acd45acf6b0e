import { locationService } from '@grafana/runtime';
import { ConfirmModal } from '@grafana/ui';
import { type ReactNode, useEffect, useRef, useState } from 'react';

/**
 * Asks before leaving the page or the form, or closing the browser's tab, while
 * `unsaved`. Returns the question to render.
 */
export function useLeaving(unsaved: boolean, body = kept): ReactNode {
  const [leaving, setLeaving] = useState<{ to: string; back: boolean }>();
  const release = useRef(() => {});

  useEffect(() => {
    if (!unsaved) {
      return;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    const history = locationService.getHistory();
    release.current = history.block((to, action) => {
      if (documentAt(to) === documentAt(history.location)) {
        return; // Only other parameters change, such as the theme.
      }
      setLeaving({ to: `${to.pathname}${to.search}${to.hash}`, back: action === 'POP' });
      return false;
    });
    return () => {
      window.removeEventListener('beforeunload', ask);
      release.current();
    };
  }, [unsaved]);

  function stay() {
    setLeaving(undefined);
    const history = locationService.getHistory();
    const { pathname, search, hash } = window.location;
    // After a reload the history cannot undo a Back or Forward: it does not know the entries from before.
    if (history.createHref(history.location) !== `${pathname}${search}${hash}`) {
      history.push(history.location);
    }
  }

  function leave({ to, back }: NonNullable<typeof leaving>) {
    release.current();
    setLeaving(undefined);
    // How many entries a Back or Forward would have gone is not known; it must not add one.
    (back ? locationService.replace : locationService.push)(to);
  }

  return (
    <ConfirmModal
      isOpen={leaving !== undefined}
      title="Leave without saving?"
      body={body}
      confirmText="Leave"
      dismissText="Stay"
      confirmVariant="primary"
      onDismiss={stay}
      onConfirm={() => leaving && leave(leaving)}
    />
  );
}

const kept = 'What you typed is kept in this browser, and is here when you come back.';

/** Identifies what is edited at an address. */
function documentAt({ pathname, search }: { pathname: string; search: string }): string {
  const params = new URLSearchParams(search);
  return JSON.stringify([pathname, params.get('ds'), params.get('new'), params.get('propose')]);
}
