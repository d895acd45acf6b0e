import { Alert, Badge, Button, Dropdown, EmptyState, LinkButton, Menu, Stack, TextLink } from '@grafana/ui';
import { lazy } from 'react';
import { useParams, useSearchParams } from 'react-router-dom';
import { useDataSource } from '../../api/DataSource';
import { type DocumentList, type DocumentRow } from '../../api/types';
import { useList } from '../../api/useResource';
import { column, DataTable } from '../../components/DataTable';
import { DocumentTabs } from '../../components/DocumentTabs';
import { instant } from '../../components/figures';
import { Filter, Search } from '../../components/Filters';
import { Loaded } from '../../components/Loaded';
import { titleOf } from '../../components/Named';
import { Page } from '../../components/Page';
import { severities } from '../../components/StateBadge';
import { usePaths } from '../../paths';
import { allDrafts } from './drafts';
import { EditorPage } from './EditorPage';

const NewAgreement = lazy(() => import('./NewAgreement'));

/** The list of documents, one document, or a new one. */
export default function DocumentsPage() {
  const { uid } = useDataSource();
  const { kind, name } = useParams();
  const [search] = useSearchParams();
  const started = search.get('new');
  if (kind && name) {
    return <EditorPage key={JSON.stringify([uid, kind, name])} kind={kind} name={name} />;
  }
  if (started === 'Agreement') {
    return <NewAgreement key={JSON.stringify([uid, search.get('query')])} />;
  }
  return started ? <EditorPage key={JSON.stringify([uid, started])} kind={started} /> : <List />;
}

function List() {
  const paths = usePaths();
  const [search] = useSearchParams();
  const documents = useList<DocumentList>('documents');
  return (
    <Page actions={documents.value?.mayPropose && <New kinds={documents.value.templates} />}>
      <Stack direction="column" gap={2}>
        <DocumentTabs active="documents" />
        <Drafts />
        <Loaded resource={documents}>
          {(list) => (
            <>
              {list.reason && <Alert severity="info" title={list.reason} />}
              <Stack wrap="wrap">
                <Search label="Search documents" />
                <Filter name="kind" label="Kind" choices={list.kinds} />
              </Stack>
              {list.total > 0 || search.has('search') || search.has('kind') ? (
                <DataTable
                  columns={columns}
                  list={list}
                  rowId={(row) => `${row.file}:${row.line} ${row.kind} ${row.name}`}
                  none="There is no such document"
                />
              ) : (
                <EmptyState
                  role="status"
                  variant="call-to-action"
                  message="There are no documents yet"
                  button={
                    <LinkButton href={paths.documents(undefined, { new: 'Agreement' })}>New agreement</LinkButton>
                  }
                >
                  The folder of the data source is empty.
                </EmptyState>
              )}
            </>
          )}
        </Loaded>
      </Stack>
    </Page>
  );
}

function New({ kinds }: { kinds: string[] }) {
  const paths = usePaths();
  const items = kinds.map((kind) => (
    <Menu.Item key={kind} label={kind} url={paths.documents(undefined, { new: kind })} />
  ));
  return (
    <Dropdown overlay={<Menu>{items}</Menu>}>
      <Button icon="plus">New</Button>
    </Dropdown>
  );
}

const columns = [
  column<DocumentRow>('displayName', 'Title', (row) => <Title row={row} />, true),
  column<DocumentRow>('kind', 'Kind', ({ kind }) => kind, true),
  column<DocumentRow>('name', 'Name', ({ name }) => name, true),
  column<DocumentRow>('file', 'File', ({ file, line }) => `${file}:${line}`, true),
  column<DocumentRow>('errors', 'Problems', (row) => <Problems row={row} />, true),
];

function Title({ row }: { row: DocumentRow }) {
  const paths = usePaths();
  return (
    <TextLink href={paths.documents(row)} inline={false}>
      {titleOf(row)}
    </TextLink>
  );
}

function Problems({ row: { errors, warnings, problem } }: { row: DocumentRow }) {
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  return (
    <Stack wrap="wrap" alignItems="center">
      {errors > 0 && <Badge {...severities.error} text={counted(errors, 'error')} />}
      {warnings > 0 && <Badge {...severities.warning} text={counted(warnings, 'warning')} />}
      {problem && <span>{problem}</span>}
    </Stack>
  );
}

/** The unsaved drafts in this browser. */
function Drafts() {
  const { uid } = useDataSource();
  const paths = usePaths();
  const drafts = allDrafts(uid);
  if (drafts.length === 0) {
    return null;
  }
  return (
    <Alert severity="info" title="Not saved yet">
      {drafts.map(({ id: { kind, name, query }, draft }) => (
        <div key={JSON.stringify([kind, name, query])}>
          <TextLink
            href={
              name === undefined ? paths.documents(undefined, { new: kind, query }) : paths.documents({ kind, name })
            }
          >
            {name === undefined ? `New ${kind}` : `${kind} ${name}`}
          </TextLink>{' '}
          {instant(draft.at)}
        </div>
      ))}
    </Alert>
  );
}
