import { css } from '@emotion/css';
import { type GrafanaTheme2, type NavModelItem } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { Combobox, ErrorBoundaryAlert, IconButton, Stack, Text, useStyles2 } from '@grafana/ui';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useLocation } from 'react-router-dom';
import { useDataSource } from '../api/DataSource';
import { type Resource, resourceKey } from '../api/useResource';
import { instant } from './figures';

interface Props {
  /** Title and parent of a page that is not in the navigation. */
  pageNav?: NavModelItem;
  subTitle?: ReactNode;
  /** The resource whose time is displayed; with it, all that is shown can be refreshed. */
  asOf?: Resource<{ at: string }>;
  /** Shown beside the title. */
  actions?: ReactNode;
  /** The name of what has tabs with addresses: content that they share stays mounted and keeps the focus. */
  tabsOf?: string;
  children: ReactNode;
}

/** A page of the app: Grafana's frame, and a choice of the data source if there are several. */
export function Page({ pageNav, subTitle, asOf, actions, tabsOf, children }: Props) {
  const { pathname } = useLocation();
  const { uid } = useDataSource();
  const queries = useQueryClient();
  const refresh = () => void queries.invalidateQueries({ queryKey: resourceKey(uid) });
  return (
    <PluginPage
      pageNav={pageNav}
      subTitle={subTitle}
      actions={
        <Stack wrap="wrap" alignItems="center">
          {asOf && <AsOf at={asOf.value?.at} />}
          {asOf && <IconButton name={asOf.refreshing ? 'spinner' : 'sync'} tooltip="Refresh" onClick={refresh} />}
          {actions}
          <DataSourceChoice />
        </Stack>
      }
    >
      <ErrorBoundaryAlert key={tabsOf ?? pathname} dependencies={[pathname]} title="This page could not be shown">
        <Content>{children}</Content>
      </ErrorBoundaryAlert>
    </PluginPage>
  );
}

/** Moves the focus of a removed or disabled element to the nearest one around it: the keyboard continues there. */
function Content({ children }: { children: ReactNode }) {
  const styles = useStyles2(getStyles);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const content = ref.current!;
    let path: HTMLElement[] = [];
    const remember = (event: FocusEvent) => {
      path = event.composedPath() as HTMLElement[];
    };
    const observer = new MutationObserver(() => {
      const [last, ...around] = path;
      const isLost = last && (!last.isConnected || last.matches(':disabled'));
      if (isLost && [last, document.body].includes(document.activeElement as HTMLElement)) {
        const left = around.find((one) => one.isConnected)!;
        left.tabIndex = -1;
        left.focus({ preventScroll: true });
      }
    });
    content.addEventListener('focusin', remember);
    observer.observe(content, { subtree: true, childList: true, attributeFilter: ['disabled'] });
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={ref} className={styles.content}>
      {children}
    </div>
  );
}

/** Takes its space before the time is known, so that the page does not move later. */
function AsOf({ at }: { at?: string }) {
  return (
    <span style={{ visibility: at ? 'visible' : 'hidden' }}>
      <Text color="secondary" tabular>{`As of ${instant(at ?? new Date().toISOString())}`}</Text>
    </span>
  );
}

function DataSourceChoice() {
  const { uid, all, choose } = useDataSource();
  const id = useId();
  if (all.length < 2) {
    return null;
  }
  return (
    <div>
      <span id={id} className="sr-only">
        Data source
      </span>
      <Combobox
        aria-labelledby={id}
        prefixIcon="database"
        width="auto"
        minWidth={16}
        maxWidth={40}
        options={all.map((one) => ({ value: one.uid, label: one.name }))}
        value={uid}
        onChange={(option) => choose(option.value)}
      />
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    content: css({
      // Text of documents may have words longer than a narrow screen.
      overflowWrap: 'anywhere',
      minWidth: 0,
      paddingBottom: theme.spacing(4),
      // In Grafana 12 radio groups are as wide as all of their options.
      '& [role="radiogroup"]': { flexWrap: 'wrap' },
    }),
  };
}
