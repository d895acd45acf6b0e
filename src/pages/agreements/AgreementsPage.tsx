import { Icon, LinkButton, Stack, Text, TextLink } from '@grafana/ui';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { resourceUrl } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type AgreementList, type AgreementRow, type Trends } from '../../api/types';
import { useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { DataTable } from '../../components/DataTable';
import { Empty } from '../../components/Empty';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Unmeasured } from '../../components/Unmeasured';
import { usePaths } from '../../paths';
import { columns, headerTooltips } from './columns';
import { Filters, Tiles } from './Filters';

/** The home page: every agreement and every SLO without one, the worst first. */
export default function AgreementsPage() {
  const { uid } = useDataSource();
  const paths = usePaths();
  const [search] = useSearchParams();
  const list = useResource<AgreementList>(`pages/agreements?${search}`, undefined, true);
  const csv = new URLSearchParams(search);
  csv.set('format', 'csv');
  return (
    <Page
      pageNav={{ text: 'Agreements' }}
      actions={
        <>
          <AsOf at={list.value?.at} resource={list} />
          {/* With a target, since Grafana would take it for a page of its own. */}
          <LinkButton
            href={resourceUrl(uid, `pages/agreements?${csv}`)}
            target="_self"
            download
            variant="secondary"
            icon="download-alt"
          >
            CSV
          </LinkButton>
          <LinkButton href={paths.documents(undefined, { new: 'Agreement' })} icon="plus">
            New agreement
          </LinkButton>
        </>
      }
    >
      <Loaded resource={list}>
        {(value) => (
          <Stack direction="column" gap={2}>
            <Unmeasured reasons={value.unmeasured} reload={list.reload} />
            <Findings text={value.findings} />
            {value.all === 0 ? (
              <NoAgreements />
            ) : (
              <>
                <Tiles tiles={value.tiles} />
                <Filters list={value} />
                <Agreements list={value} />
              </>
            )}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

/** Says in a line that documents have problems, and leads to them. */
function Findings({ text }: { text?: string }) {
  const paths = usePaths();
  return text ? (
    <Stack alignItems="center" gap={1}>
      <Icon name="exclamation-triangle" />
      <Text>{text}.</Text>
      <TextLink href={paths.findings()}>See the findings</TextLink>
    </Stack>
  ) : null;
}

function Agreements({ list }: { list: AgreementList }) {
  const [search] = useSearchParams();
  const { value: trends } = useResource<Trends>(`pages/agreements/trends?${search}`, undefined, true);
  const shown = useMemo(() => columns(trends?.trends), [trends]);
  if (list.total === 0) {
    return (
      <Empty kind="not-found" title="No agreement matches all of this">
        Remove a filter, or search for fewer words.
      </Empty>
    );
  }
  return (
    <DataTable<AgreementRow>
      columns={shown}
      rows={list.rows}
      rowId={({ key }) => key}
      total={list.total}
      pageSize={list.pageSize}
      headerTooltips={headerTooltips}
    />
  );
}

function NoAgreements() {
  const paths = usePaths();
  return (
    <Empty
      title="There are no agreements yet"
      action={
        <LinkButton href={paths.documents(undefined, { new: 'Agreement' })} icon="plus">
          Create the first agreement
        </LinkButton>
      }
    >
      An agreement says what one team promises another about a service, and when the promise is kept. Create one here,
      or put documents into the folder of the data source.
    </Empty>
  );
}
