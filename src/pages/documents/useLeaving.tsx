import { locationService } from '@grafana/runtime';
import { ConfirmModal } from '@grafana/ui';
import { type ReactNode, useEffect, useState } from 'react';

/**
 * Asks before leaving the page or the form, or closing the browser's tab, while
 * `unsaved`. Returns the question to render.
 */
export function useLeaving(unsaved: boolean, body = kept): ReactNode {
  const [leaveTo, setLeaveTo] = useState<string>();
  const [sure, setSure] = useState(false);

  useEffect(() => {
    if (!unsaved || sure) {
      return;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    const history = locationService.getHistory();
    const unblock = history.block((to) => {
      if (documentAt(to) === documentAt(history.location)) {
        return; // Only other parameters change, such as the theme.
      }
      setLeaveTo(`${to.pathname}${to.search}${to.hash}`);
      return false;
    });
    return () => {
      window.removeEventListener('beforeunload', ask);
      unblock();
    };
  }, [unsaved, sure]);

  useEffect(() => {
    if (sure && leaveTo !== undefined) {
      locationService.push(leaveTo);
    }
  }, [sure, leaveTo]);

  return (
    <ConfirmModal
      isOpen={leaveTo !== undefined && !sure}
      title="Leave without saving?"
      body={body}
      confirmText="Leave"
      dismissText="Stay"
      confirmVariant="primary"
      onDismiss={() => setLeaveTo(undefined)}
      onConfirm={() => setSure(true)}
    />
  );
}

const kept = 'What you typed is kept in this browser, and is here when you come back.';

/** Identifies what is edited at an address. */
function documentAt({ pathname, search }: { pathname: string; search: string }): string {
  const params = new URLSearchParams(search);
  return JSON.stringify([pathname, params.get('ds'), params.get('new'), params.get('propose')]);
}
