import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { IconButton, useStyles2 } from '@grafana/ui';
import { type Resource } from '../api/useResource';
import { t } from '../locales/t';
import { instant } from './words';

interface Props {
  /** When what is shown was measured; absent until it is there. */
  at?: string;
  resource: Pick<Resource<unknown>, 'reload' | 'refreshing'>;
}

/** Says of when the figures are, and asks for newer ones. */
export function AsOf({ at, resource }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.whole}>
      {at ? t('as-of', 'As of {{at}}', { at: instant(at) }) : ' '}
      <IconButton
        name={resource.refreshing ? 'spinner' : 'sync'}
        tooltip={t('as-of.refresh', 'Refresh')}
        onClick={resource.reload}
      />
    </span>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    whole: css({
      display: 'inline-flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      color: theme.colors.text.secondary,
      fontVariantNumeric: 'tabular-nums',
      whiteSpace: 'nowrap',
    }),
  };
}
