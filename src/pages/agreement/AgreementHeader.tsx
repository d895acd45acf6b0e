import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, Badge, Stack, TextLink, useStyles2 } from '@grafana/ui';
import { type Agreement, type Report } from '../../api/types';
import { StateBadge } from '../../components/StateBadge';
import { date, stageWord } from '../../components/words';
import { usePaths } from '../../paths';
import { type Called } from './promise';

interface Props {
  agreement: Agreement;
  report?: Report;
  called: Called;
}

/** How it stands and between whom it is, at one look. */
export function AgreementHeader({ agreement, report, called }: Props) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const state = [...(report?.agreements ?? []), ...(report?.slos ?? [])].find(
    ({ name }) => name === agreement.name,
  )?.state;
  const team = (name: string) => (
    <TextLink key={name} href={paths.team(name)}>
      {called(name)}
    </TextLink>
  );
  return (
    <div className={styles.lead}>
      <Stack wrap="wrap" alignItems="center" gap={1}>
        {state && <StateBadge state={state} />}
        {agreement.stage !== 'active' && <Badge color="purple" text={stageWord(agreement.stage)} />}
        {agreement.provider && team(agreement.provider)}
        {agreement.consumers.length > 0 && <span aria-label={'promises'}>→</span>}
        {agreement.consumers.map(team)}
      </Stack>
      <StageNotice agreement={agreement} />
    </div>
  );
}

/** Figures of what is no promise (yet, or any more) must not be read as one that is kept or broken. */
function StageNotice({ agreement }: { agreement: Agreement }) {
  const [title, text] = notice(agreement) ?? [];
  return title ? (
    <Alert severity="info" title={title}>
      {text}
    </Alert>
  ) : null;
}

function notice({ stage, effectiveFrom, effectiveUntil, timeZone }: Agreement): [string, string] | undefined {
  const information = 'The figures are for information: nothing alerts, nothing counts.';
  switch (stage) {
    case 'draft':
      return ['This is a draft: nothing is promised yet', information];
    case 'proposed':
      return ['This is proposed: the other side has not agreed yet', information];
    case 'retired':
      return [
        effectiveUntil
          ? `This agreement is retired; it held until ${lastDayBefore(effectiveUntil, timeZone)}`
          : 'This agreement is retired',
        information,
      ];
    default:
      return outOfForce(effectiveFrom, effectiveUntil, timeZone);
  }
}

/** Of an active agreement that has not begun, or has ended: nobody is held to it now. */
function outOfForce(from: string | null, until: string | null, timeZone: string): [string, string] | undefined {
  if (from && Date.parse(from) > Date.now()) {
    return [
      `This agreement begins on ${date(from, timeZone)}`,
      'Until then nothing is promised, so nothing is counted for it.',
    ];
  }
  if (until && Date.parse(until) <= Date.now()) {
    return [
      `This agreement ended: its last day was ${lastDayBefore(until, timeZone)}`,
      'Nothing is promised any more; what it did while it held stands in its history below.',
    ];
  }
  return undefined;
}

/** The day before an end that is no part of what it ends. */
function lastDayBefore(until: string, timeZone: string): string {
  return date(new Date(Date.parse(until) - 1).toISOString(), timeZone);
}

function getStyles(theme: GrafanaTheme2) {
  return {
    lead: css({
      display: 'flex',
      flexDirection: 'column',
      gap: theme.spacing(2),
      marginBottom: theme.spacing(3),
    }),
  };
}
