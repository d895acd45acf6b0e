import { Alert, TextLink } from '@grafana/ui';
import { type AlertCheck, type Health, type ObjectiveAlerts } from '../../api/types';
import { useResource } from '../../api/useResource';
import { AllGood } from '../../components/AllGood';
import { LoadingPage } from '../../components/LoadingPage';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { absent, duration, groupWords, sentence, share } from '../../components/words';
import { usePaths } from '../../paths';

/** An alert that cannot do its work; without `check` that is known by what is written alone. */
interface Weak {
  agreement: string;
  objective: string;
  group: Record<string, string>;
  severity: string;
  long: string;
  problems: string[];
  check?: AlertCheck;
}

interface Props {
  /** What is known by what is written alone. */
  written: Health['alertProblems'];
  /** The name that people know an agreement by. */
  titled: (agreement: string) => string;
}

/** Burn-rate alerts that cannot do their work, with the traffic and the scrape intervals there are. */
export function Alerts({ written, titled }: Props) {
  const checked = useResource<{ objectives: ObjectiveAlerts[] }>('alertcheck');
  const title = 'Alerts that cannot do their work';
  return (
    <Section title={title} aside={<Term name="burnRate">{''}</Term>}>
      {checked.error && (
        <Alert severity="warning" title={'Traffic and scrape intervals are not known just now'}>
          {checked.error.message}
        </Alert>
      )}
      {checked.state === 'loading' ? (
        <LoadingPage lines={3} />
      ) : (
        <Found
          title={title}
          titled={titled}
          weak={checked.value ? weakOf(checked.value.objectives) : asWritten(written)}
        />
      )}
    </Section>
  );
}

function Found({ title, weak, titled }: { title: string; weak: Weak[] } & Pick<Props, 'titled'>) {
  return weak.length === 0 ? (
    <AllGood>{'Each alert can fire, and finds an outage in time.'}</AllGood>
  ) : (
    <Table
      caption={title}
      columns={columns(titled)}
      rows={weak}
      rowKey={({ agreement, objective, group, severity, long }) =>
        JSON.stringify([agreement, objective, group, severity, long])
      }
    />
  );
}

function weakOf(objectives: ObjectiveAlerts[]): Weak[] {
  return objectives.flatMap(({ agreement, objective, group, alerts }) =>
    alerts
      .filter(({ problems }) => problems.length > 0)
      .map((check) => ({
        agreement,
        objective,
        group,
        severity: check.severity,
        long: check.long,
        problems: check.problems,
        check,
      })),
  );
}

/** The problems of one alert in one row. */
function asWritten(written: Health['alertProblems']): Weak[] {
  const rows = new Map<string, Weak>();
  for (const { agreement, objective, severity, long, problem } of written) {
    const key = JSON.stringify([agreement, objective, severity, long]);
    const row = rows.get(key) ?? { agreement, objective, group: {}, severity, long, problems: [] };
    rows.set(key, { ...row, problems: [...row.problems, problem] });
  }
  return [...rows.values()];
}

function columns(titled: Props['titled']): Array<Column<Weak>> {
  return [
    {
      id: 'agreement',
      label: 'Agreement',
      cell: ({ agreement }) => <Name name={agreement} title={titled(agreement)} />,
    },
    {
      id: 'objective',
      label: 'Objective',
      cell: ({ objective, group }) => [objective, groupWords(group)].filter(Boolean).join(' · '),
    },
    { id: 'alert', label: 'Alert', cell: ({ severity, long }) => `${severity} ${long}` },
    {
      id: 'outage',
      label: 'Finds an outage after',
      cell: ({ check }) => (check ? detection(check.fullOutage) : absent),
    },
    {
      id: 'problem',
      label: 'What is wrong',
      cell: ({ problems }) => problems.map(sentence).join(' '),
    },
  ];
}

function detection({ afterSeconds, consumed }: AlertCheck['fullOutage']): string {
  return afterSeconds === null ? 'never' : `${duration(afterSeconds)}, with ${share(consumed)} of the budget gone`;
}

function Name({ name, title }: { name: string; title: string }) {
  const paths = usePaths();
  return (
    <TextLink href={paths.agreement(name)} color="primary">
      {title}
    </TextLink>
  );
}
