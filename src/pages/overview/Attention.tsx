import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2, useTheme2 } from '@grafana/ui';
import { type ObjectiveStatus } from '../../api/types';
import { BudgetLeft } from '../../components/BudgetLeft';
import { Empty } from '../../components/Empty';
import { Section } from '../../components/Section';
import { StateBadge, stateColors } from '../../components/StateBadge';
import { list, numberOf, reason } from '../../components/words';
import { plural, t } from '../../locales/t';
import { usePaths } from '../../paths';
import { objectiveTitle, type AgreementRow } from '../agreements/agreementRow';
import { type Concern, concerns } from './attention';

/** So many are told in full; the others are a link away. */
const shown = 10;

interface Props {
  agreementRows: AgreementRow[];
  /** The name that people know a team by. */
  called: (team: string) => string;
}

/** What is breached, at risk or not known, with the reason in plain words. */
export function Attention({ agreementRows, called }: Props) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const all = concerns(agreementRows);
  const more = all.length - shown;
  return (
    <Section title={t('overview.attention', 'What needs attention')}>
      {all.length === 0 ? (
        <NoConcerns any={agreementRows.length > 0} />
      ) : (
        <ul className={styles.list}>
          {all.slice(0, shown).map((concern) => (
            <Item key={concern.agreementRow.summary.name} concern={concern} called={called} />
          ))}
        </ul>
      )}
      {more > 0 && (
        <TextLink href={paths.agreements({ stage: 'active' })} inline={false}>
          {plural('overview.more', more, 'And {{amount}} more', 'And {{amount}} more')}
        </TextLink>
      )}
    </Section>
  );
}

function NoConcerns({ any }: { any: boolean }) {
  const paths = usePaths();
  return any ? (
    <Empty
      kind="done"
      title={t('overview.fine', 'All promises are kept')}
      action={<TextLink href={paths.agreements()}>{t('overview.see-all', 'See all agreements')}</TextLink>}
    >
      {t('overview.fine-text', 'Nothing is breached or at risk, and everything could be measured.')}
    </Empty>
  ) : (
    <Empty
      title={t('overview.none-active', 'No agreement is in force yet')}
      action={<TextLink href={paths.agreements()}>{t('overview.see-all', 'See all agreements')}</TextLink>}
    >
      {t('overview.none-active-text', 'One counts as soon as its stage is «active».')}
    </Empty>
  );
}

function Item({ concern: { agreementRow, reasons }, called }: { concern: Concern } & Pick<Props, 'called'>) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const paths = usePaths();
  const { state = 'no_data', summary, title } = agreementRow;
  return (
    <li className={styles.item} style={{ borderLeftColor: stateColors(theme, state).fill }}>
      <div className={styles.head}>
        <StateBadge state={state} />
        <TextLink href={paths.agreement(summary.name)} color="primary" weight="medium">
          {title}
        </TextLink>
        <span className={styles.parties}>
          {t('overview.parties', '{{provider}} for {{consumers}}', {
            provider: called(summary.provider ?? ''),
            consumers: list(summary.consumers.map(called)),
          })}
        </span>
      </div>
      {reasons.map((objective) => (
        <Reason
          key={JSON.stringify([objective.name, objective.group])}
          objective={objective}
          agreementRow={agreementRow}
        />
      ))}
    </li>
  );
}

function Reason({ objective, agreementRow }: { objective: ObjectiveStatus; agreementRow: AgreementRow }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.reasons}>
      <div>
        <strong>{objectiveTitle(agreementRow, objective)}</strong> {reason(objective)}
      </div>
      {numberOf(objective.remaining) !== undefined && <BudgetLeft objective={objective} />}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({ listStyle: 'none', margin: 0, display: 'grid', gap: theme.spacing(1) }),
    item: css({
      padding: theme.spacing(1.5, 2),
      background: theme.colors.background.secondary,
      borderRadius: theme.shape.radius.default,
      borderLeft: '3px solid',
    }),
    head: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1.5) }),
    parties: css({ color: theme.colors.text.secondary }),
    reasons: css({
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr) minmax(180px, 260px)',
      gap: theme.spacing(0.5, 3),
      marginTop: theme.spacing(1),
      [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
    }),
  };
}
