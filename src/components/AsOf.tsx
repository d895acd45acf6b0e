import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { IconButton, useStyles2 } from '@grafana/ui';
import { type Resource } from '../api/useResource';
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
      {at ? `As of ${instant(at)}` : ' '}
      <IconButton name={resource.refreshing ? 'spinner' : 'sync'} tooltip={'Refresh'} onClick={resource.reload} />
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
