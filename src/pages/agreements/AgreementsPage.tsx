import { EmptyState, Icon, LinkButton, Stack, Text, TextLink } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { resourceUrl } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type AgreementList, type Trends } from '../../api/types';
import { useList } from '../../api/useResource';
import { DataTable } from '../../components/DataTable';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { usePaths, withParams } from '../../paths';
import { columns, tooltips, TrendsOfRows } from './columns';
import { Filters, Tiles } from './Filters';

/** The home page: all agreements and SLOs without one, the worst first. */
export default function AgreementsPage() {
  const { uid } = useDataSource();
  const paths = usePaths();
  const [search] = useSearchParams();
  const list = useList<AgreementList>('pages/agreements');
  const create = (text: string) => (
    <LinkButton href={paths.documents(undefined, { new: 'Agreement' })} icon="plus">
      {text}
    </LinkButton>
  );
  return (
    <Page
      pageNav={{ text: 'Agreements' }}
      asOf={list}
      actions={
        <>
          {/* Without a target Grafana would take it for one of its pages. */}
          <LinkButton
            href={resourceUrl(uid, `pages/agreements?${withParams(search, { format: 'csv' })}`)}
            target="_self"
            download
            variant="secondary"
            icon="download-alt"
          >
            CSV
          </LinkButton>
          {create('New agreement')}
        </>
      }
    >
      <Loaded resource={list}>
        {(value) => (
          <>
            {value.findings && (
              <Stack alignItems="center" gap={1}>
                <Icon name="exclamation-triangle" />
                <Text>{value.findings}.</Text>
                <TextLink href={paths.findings()}>See the findings</TextLink>
              </Stack>
            )}
            {value.all === 0 ? (
              <EmptyState
                role="status"
                variant="call-to-action"
                message="There are no agreements yet"
                button={create('Create the first agreement')}
              >
                An agreement says what one team promises another about a service, and when the promise is kept. Create
                one here, or put documents into the folder of the data source.
              </EmptyState>
            ) : (
              <>
                <Tiles tiles={value.tiles} />
                <Filters list={value} />
                <Agreements list={value} />
              </>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Agreements({ list }: { list: AgreementList }) {
  const { value: trends } = useList<Trends>('pages/agreements/trends');
  return (
    <TrendsOfRows.Provider value={trends?.trends ?? {}}>
      <DataTable
        columns={columns}
        list={list}
        rowId={({ key }) => key}
        none="No agreement matches all of this"
        tooltips={tooltips}
      />
    </TrendsOfRows.Provider>
  );
}
