import { locationService } from '@grafana/runtime';
import { type ReactNode, useLayoutEffect, useState } from 'react';
import { Router } from 'react-router-dom';

/** A router like Grafana's: react-router on the history that plugins push to. */
export function GrafanaRouter({ children }: { children: ReactNode }) {
  const history = locationService.getHistory();
  const [{ location, action }, setState] = useState({ location: history.location, action: history.action });
  useLayoutEffect(() => history.listen((next, how) => setState({ location: next, action: how })), [history]);
  return (
    <Router navigator={history as never} location={location} navigationType={action as never}>
      {children}
    </Router>
  );
}
