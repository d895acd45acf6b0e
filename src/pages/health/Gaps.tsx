import { Alert, TextLink } from '@grafana/ui';
import { type Catalog, type Report } from '../../api/types';
import { type Resource, together } from '../../api/useResource';
import { AllGood } from '../../components/AllGood';
import { Loaded } from '../../components/Loaded';
import { LoadingPage } from '../../components/LoadingPage';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { groupWords, percent, sentence, windowWords } from '../../components/words';
import { usePaths } from '../../paths';
import { agreementRows } from './agreementRow';
import { fullCoverage, type Gap, gaps } from './findings';

interface Props {
  catalog: Resource<Catalog>;
  status: Resource<Report>;
}

/** What is not measured all of the time. */
export function Gaps({ catalog, status }: Props) {
  const both = together<{ catalog: Catalog; report: Report }>({ catalog, report: status });
  const title = 'Gaps in what is measured';
  return (
    <Section title={title} aside={<Term name="coverage">{''}</Term>}>
      {both.state === 'error' ? (
        <Alert severity="warning" title={'What is measured is not known just now'}>
          {both.error.message}
        </Alert>
      ) : (
        <Loaded resource={both} loading={<LoadingPage lines={3} />}>
          {(of) => {
            const found = gaps(agreementRows(of.catalog, of.report));
            return found.length === 0 ? (
              <AllGood>
                {`Everything is measured for at least ${percent(fullCoverage)} of the time that counts.`}
              </AllGood>
            ) : (
              <Table
                caption={title}
                columns={columns()}
                rows={found}
                rowKey={({ agreementRow, objective }) =>
                  JSON.stringify([agreementRow.alone, agreementRow.summary.name, objective.name, objective.group])
                }
              />
            );
          }}
        </Loaded>
      )}
    </Section>
  );
}

function columns(): Array<Column<Gap>> {
  return [
    {
      id: 'agreement',
      label: 'Agreement',
      cell: ({ agreementRow }) => <Name of={agreementRow} />,
    },
    {
      id: 'objective',
      label: 'Objective',
      cell: ({ objective: { name, group } }) => [name, groupWords(group)].filter(Boolean).join(' · '),
    },
    {
      id: 'coverage',
      label: 'Measured',
      numeric: true,
      cell: ({ objective }) => percent(objective.coverage),
    },
    {
      id: 'window',
      label: 'In',
      cell: ({ objective }) => windowWords(objective.window),
    },
    {
      id: 'why',
      label: 'Why',
      cell: ({ objective }) => why(objective),
    },
  ];
}

/** What is known of the reason; a gap in the data has none but itself. */
function why({ error, reason, state, remarks }: Gap['objective']): string {
  const reasons = [error ?? '', state === 'no_data' ? (reason ?? '') : '', ...remarks].filter(Boolean);
  return reasons.length > 0
    ? reasons.map(sentence).join(' ')
    : 'For the rest of the time there is no data: it is younger, or was not scraped.';
}

function Name({ of: { summary, title } }: { of: Gap['agreementRow'] }) {
  const paths = usePaths();
  return (
    <TextLink href={paths.agreement(summary.name)} color="primary">
      {title}
    </TextLink>
  );
}
