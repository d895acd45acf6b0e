import { css } from '@emotion/css';
import { AppEvents, type GrafanaTheme2 } from '@grafana/data';
import { getAppEvents } from '@grafana/runtime';
import { Alert, type AlertVariant, Portal, useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';

interface Message {
  severity: AlertVariant;
  text: string[];
}

const kinds = [
  [AppEvents.alertSuccess, 'success'],
  [AppEvents.alertInfo, 'info'],
  [AppEvents.alertWarning, 'warning'],
  [AppEvents.alertError, 'error'],
] as const;

/** Grafana's messages in the corner, which stay until they are closed. */
export function Messages() {
  const styles = useStyles2(getStyles);
  const [messages, setMessages] = useState<Message[]>([]);

  useEffect(() => {
    const subscriptions = kinds.map(([{ name }, severity]) =>
      getAppEvents()
        .getStream({ type: name } as never)
        .subscribe((event) => {
          const { payload } = event as { payload?: string | string[] };
          setMessages((all) => [...all, { severity, text: [payload ?? []].flat() }]);
        }),
    );
    return () => subscriptions.forEach((one) => one.unsubscribe());
  }, []);

  return (
    <Portal className={styles.corner}>
      {messages.map((message) => (
        <Alert
          key={messages.indexOf(message)}
          severity={message.severity}
          title={message.text[0] ?? ''}
          elevated
          onRemove={() => setMessages((all) => all.filter((one) => one !== message))}
        >
          {message.text.slice(1).join(' ')}
        </Alert>
      ))}
    </Portal>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return { corner: css({ position: 'fixed', zIndex: theme.zIndex.portal, right: 10, top: 50, maxWidth: 400 }) };
}
