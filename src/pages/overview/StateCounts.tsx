import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import { Link } from 'react-router-dom';
import { icons, stateColors, worstFirst } from '../../components/StateBadge';
import { stateWord } from '../../components/words';
import { t } from '../../locales/t';
import { usePaths } from '../../paths';
import { type AgreementRow } from '../agreements/agreementRow';
import { counted } from './attention';

/** How many agreements in force stand how, each a link to them. */
export function StateCounts({ agreementRows }: { agreementRows: AgreementRow[] }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const paths = usePaths();
  const counts = counted(agreementRows);
  return (
    <nav aria-label={t('overview.counts', 'Agreements by state')}>
      <ul className={styles.tiles}>
        {worstFirst
          .filter((state) => state !== 'inactive' || counts.inactive > 0)
          .map((state) => {
            const colors = stateColors(theme, counts[state] > 0 ? state : 'inactive');
            return (
              <li key={state}>
                <Link
                  to={paths.agreements({ state, stage: 'active' })}
                  className={styles.tile}
                  style={{ borderTopColor: colors.fill }}
                >
                  <span className={styles.number}>{counts[state].toLocaleString('en')}</span>
                  <span className={styles.word} style={{ color: colors.text }}>
                    <Icon name={icons[state]} aria-hidden /> {stateWord(state)}
                  </span>
                </Link>
              </li>
            );
          })}
      </ul>
    </nav>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    tiles: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fit, minmax(140px, 1fr))',
      gap: theme.spacing(2),
      listStyle: 'none',
      margin: theme.spacing(0, 0, 2),
    }),
    tile: css({
      display: 'flex',
      flexDirection: 'column',
      minHeight: theme.spacing(11),
      padding: theme.spacing(1.5, 2),
      background: theme.colors.background.secondary,
      borderRadius: theme.shape.radius.default,
      borderTop: '3px solid',
      '&:hover': { background: theme.colors.emphasize(theme.colors.background.secondary, 0.03) },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
    }),
    number: css({
      fontSize: theme.typography.h1.fontSize,
      fontWeight: theme.typography.fontWeightMedium,
      lineHeight: 1.3,
      color: theme.colors.text.primary,
      fontVariantNumeric: 'tabular-nums',
    }),
    word: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(0.5) }),
  };
}
