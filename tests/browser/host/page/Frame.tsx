import { css, cx } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { type PluginPageProps, config } from '@grafana/runtime';
import { Icon, IconButton, TextLink, useStyles2, useTheme2 } from '@grafana/ui';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useLocation } from 'react-router';
import { pageAt, type Section, trail } from './navigation';

const SectionContext = createContext<Section>({ app: { text: '' }, pages: [] });

/** What stands around every page: the bar with the search and the user, and the menu, docked where there is room. */
export function Frame({ section, children }: { section: Section; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(false);
  return (
    <SectionContext.Provider value={section}>
      <header className={styles.bar}>
        <span className={styles.toggle}>
          <IconButton name="bars" aria-label="Open menu" aria-expanded={open} onClick={() => setOpen(!open)} />
        </span>
        <span className={styles.user}>{config.bootData.user.name}</span>
      </header>
      <div className={styles.below}>
        <nav aria-label="Navigation" className={cx(styles.menu, open && styles.open)}>
          <ul className={styles.items}>
            {[section.app, ...section.pages].map(({ text, url }) => (
              <li key={url}>
                <TextLink href={url ?? ''} inline={false} color="primary">
                  {text}
                </TextLink>
              </li>
            ))}
          </ul>
        </nav>
        <main id="pageContent" className={styles.main}>
          {children}
        </main>
      </div>
    </SectionContext.Provider>
  );
}

/** Grafana's page of a plugin: breadcrumbs, the title with what stands beside it, and the content. */
export function Page({ actions, children, info, pageNav, renderTitle, subTitle }: PluginPageProps) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const section = useContext(SectionContext);
  const { pathname } = useLocation();
  const above = trail(section, pathname, pageNav);
  const { text, subTitle: navSubTitle } = pageNav ?? pageAt(section, pathname);

  useEffect(() => {
    document.title = [...above.map((one) => one.text).reverse(), 'Grafana'].join(' - ');
  });

  return (
    <div className={styles.page}>
      <nav aria-label="Breadcrumbs">
        <ol className={styles.trail}>
          {above.map((one, at) => (
            <li key={at}>
              {at === above.length - 1 ? (
                <span aria-current="page">{one.text}</span>
              ) : (
                <>
                  <TextLink href={one.url ?? ''} color="secondary">
                    {one.text}
                  </TextLink>{' '}
                  <Icon name="angle-right" style={{ color: theme.colors.text.secondary }} />
                </>
              )}
            </li>
          ))}
        </ol>
      </nav>
      <div className={styles.head}>
        {renderTitle ? renderTitle(text) : <h1 className={styles.title}>{text}</h1>}
        {info?.map((one) => (
          <div key={one.label}>
            {one.label}: {one.value}
          </div>
        ))}
        <div className={styles.actions}>{actions}</div>
      </div>
      {(subTitle ?? navSubTitle) && <div className={styles.subTitle}>{subTitle ?? navSubTitle}</div>}
      {children}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  const docked = theme.breakpoints.up('xl');
  return {
    bar: css({
      display: 'flex',
      alignItems: 'center',
      position: 'sticky',
      top: 0,
      zIndex: theme.zIndex.navbarFixed,
      height: 40,
      padding: theme.spacing(0, 2),
      background: theme.colors.background.primary,
      borderBottom: `1px solid ${theme.colors.border.weak}`,
      '@media print': { display: 'none' },
    }),
    toggle: css({ [docked]: { display: 'none' } }),
    user: css({ marginLeft: 'auto' }),
    below: css({ display: 'flex', alignItems: 'stretch', minHeight: 'calc(100vh - 40px)' }),
    menu: css({
      display: 'none',
      flex: '0 0 300px',
      padding: theme.spacing(2),
      background: theme.colors.background.primary,
      borderRight: `1px solid ${theme.colors.border.weak}`,
      [docked]: { display: 'block' },
      '@media print': { display: 'none' },
    }),
    open: css({
      display: 'block',
      position: 'fixed',
      zIndex: theme.zIndex.sidemenu,
      top: 40,
      bottom: 0,
      width: 300,
      [docked]: { position: 'static' },
    }),
    items: css({ listStyle: 'none', display: 'grid', gap: theme.spacing(1) }),
    main: css({ flex: 1, minWidth: 0, background: theme.colors.background.primary }),
    page: css({
      display: 'flex',
      flexDirection: 'column',
      padding: theme.spacing(2),
      [theme.breakpoints.up('md')]: { padding: theme.spacing(4) },
    }),
    trail: css({
      listStyle: 'none',
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0.5),
      marginBottom: theme.spacing(1),
    }),
    head: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(1, 2),
      marginBottom: theme.spacing(2),
    }),
    title: css({ margin: 0, overflowWrap: 'anywhere' }),
    actions: css({ marginLeft: 'auto' }),
    subTitle: css({ color: theme.colors.text.secondary, marginBottom: theme.spacing(2) }),
  };
}
