import { Badge, EmptyState, Stack, TextLink } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { type Finding, type Findings } from '../../api/types';
import { useList } from '../../api/useResource';
import { column, DataTable } from '../../components/DataTable';
import { DocumentTabs } from '../../components/DocumentTabs';
import { Filter, Search } from '../../components/Filters';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Small } from '../../components/Section';
import { severities } from '../../components/StateBadge';
import { usePaths } from '../../paths';
import { Facts } from './Facts';

/** Everything to be fixed, by severity, and the facts of the connection. */
export default function FindingsPage() {
  const [search] = useSearchParams();
  const findings = useList<Findings>('pages/findings');
  const filtered = ['search', 'severity', 'kind'].some((name) => search.has(name));
  return (
    <Page asOf={findings}>
      <Stack direction="column" gap={2}>
        <DocumentTabs active="findings" />
        <Loaded resource={findings}>
          {(value) => (
            <>
              <Stack wrap="wrap" gap={1}>
                <Search label="Search findings" />
                <Filter name="severity" label="Severity" choices={value.severities} />
                <Filter name="kind" label="Kind" choices={value.kinds} />
              </Stack>
              {value.total > 0 || filtered ? (
                <DataTable
                  columns={columns}
                  list={value}
                  rowId={(row) => JSON.stringify(row)}
                  none="Nothing is like that"
                />
              ) : (
                <EmptyState role="status" variant="completed" message="Nothing wants mending">
                  Documents, queries, alerts, promises, reviews and owners are in order.
                </EmptyState>
              )}
              <Facts findings={value} />
            </>
          )}
        </Loaded>
      </Stack>
    </Page>
  );
}

const columns = [
  column<Finding>('severity', 'Severity', ({ severity }) => <Badge {...severities[severity]} />, true),
  column<Finding>('kind', 'Kind', ({ kind }) => kind, true),
  column<Finding>('where', 'Where', ({ where }) => <Where where={where} />, true),
  column<Finding>('text', 'What is wrong, and what to do', ({ text, mend }) => (
    <>
      {text}
      <Small>{mend}</Small>
    </>
  )),
];

function Where({ where: { page, kind = '', name = '', text } }: { where: Finding['where'] }) {
  const paths = usePaths();
  const pages = {
    document: paths.documents({ kind, name }),
    agreement: paths.agreement({ kind, name }),
    team: paths.team(name),
    settings: paths.settings(),
  };
  return page ? <TextLink href={pages[page]}>{text}</TextLink> : text;
}
