import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type Agreement, type ObjectiveStatus, type Report } from '../../api/types';
import { type Resource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { Loaded } from '../../components/Loaded';
import { LoadingPage } from '../../components/LoadingPage';
import { Section } from '../../components/Section';
import { ObjectiveCard } from './ObjectiveCard';

/** The figures of each objective, and of each of its groups. */
export function HowItStands({ agreement, status }: { agreement: Agreement; status: Resource<Report> }) {
  const styles = useStyles2(getStyles);
  return (
    <Section title={'How it stands'} aside={<AsOf at={status.value?.at} resource={status} />}>
      <Loaded resource={status} loading={<LoadingPage lines={0} tiles={agreement.objectives.length} />}>
        {(report) => (
          <div className={styles.cards}>
            {figuresOf(agreement.name, report).map((objective) => (
              <ObjectiveCard
                key={JSON.stringify([objective.name, objective.group])}
                agreement={agreement}
                status={objective}
              />
            ))}
          </div>
        )}
      </Loaded>
    </Section>
  );
}

/** An SLO that no agreement names stands apart in a report, and has a page like this too. */
function figuresOf(name: string, { agreements, slos }: Report): ObjectiveStatus[] {
  return [...agreements, ...slos].filter((one) => one.name === name).flatMap(({ objectives }) => objectives);
}

function getStyles(theme: GrafanaTheme2) {
  return {
    cards: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 440px), 1fr))',
      gap: theme.spacing(2),
      alignItems: 'start',
    }),
  };
}
