import { Alert, Badge, Button, type Column, Combobox, Dropdown, LinkButton, Menu, Stack, TextLink } from '@grafana/ui';
import { lazy, useId, useMemo } from 'react';
import { useParams, useSearchParams } from 'react-router-dom';
import { useDataSource } from '../../api/DataSource';
import { type DocumentList, type DocumentRow } from '../../api/types';
import { useResource } from '../../api/useResource';
import { DataTable, withParams } from '../../components/DataTable';
import { DocumentTabs } from '../../components/DocumentTabs';
import { Empty } from '../../components/Empty';
import { instant } from '../../components/figures';
import { HiddenLabel } from '../../components/HiddenLabel';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Search } from '../../components/Search';
import { usePaths } from '../../paths';
import { allDrafts } from './drafts';
import { EditorPage } from './EditorPage';

const NewAgreement = lazy(() => import('./NewAgreement'));

/** Documents: the list, one of them, or a new one. */
export default function DocumentsPage() {
  const { uid } = useDataSource();
  const { kind, name } = useParams();
  const started = useSearchParams()[0].get('new');
  if (kind && name) {
    return <EditorPage key={JSON.stringify([uid, kind, name])} kind={kind} name={name} />;
  }
  if (started === 'Agreement') {
    return <NewAgreement key={uid} />;
  }
  return started ? <EditorPage key={JSON.stringify([uid, started])} kind={started} /> : <List />;
}

function List() {
  const [search, setSearch] = useSearchParams();
  const documents = useResource<DocumentList>(`documents?${search}`, undefined, true);
  const kind = search.get('kind');
  return (
    <Page actions={documents.value?.mayPropose && <New kinds={documents.value.templates} />}>
      <Stack direction="column" gap={2}>
        <DocumentTabs active="documents" />
        <Drafts />
        <Loaded resource={documents}>
          {(list) => (
            <Stack direction="column" gap={2}>
              {list.reason && <Alert severity="info" title={list.reason} />}
              <Stack wrap="wrap">
                <Search label="Search documents" />
                <KindFilter
                  list={list}
                  value={kind}
                  onChange={(value) => setSearch((before) => withParams(before, { kind: value }))}
                />
              </Stack>
              {list.total > 0 ? (
                <Table list={list} />
              ) : (
                <Nothing filtered={search.has('search') || search.has('kind')} />
              )}
            </Stack>
          )}
        </Loaded>
      </Stack>
    </Page>
  );
}

function KindFilter(props: { list: DocumentList; value: string | null; onChange: (kind: string) => void }) {
  const id = useId();
  return (
    <div>
      <HiddenLabel id={id}>Kind</HiddenLabel>
      <Combobox
        aria-labelledby={id}
        placeholder="All kinds"
        width={28}
        isClearable
        options={props.list.kinds.map(({ value, label, count }) => ({ value, label: `${label} (${count})` }))}
        value={props.value}
        onChange={(option) => props.onChange(option?.value ?? '')}
      />
    </div>
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

function Nothing({ filtered }: { filtered: boolean }) {
  const paths = usePaths();
  return filtered ? (
    <Empty kind="not-found" title="There is no such document">
      Search for less, or among all kinds.
    </Empty>
  ) : (
    <Empty
      title="There are no documents yet"
      action={<LinkButton href={paths.documents(undefined, { new: 'Agreement' })}>New agreement</LinkButton>}
    >
      The folder of the data source is empty.
    </Empty>
  );
}

const rowId = (row: DocumentRow) => `${row.file}:${row.line} ${row.kind} ${row.name}`;

function Table({ list }: { list: DocumentList }) {
  const columns = useMemo(
    (): Array<Column<DocumentRow>> => [
      { id: 'displayName', header: 'Title', sortType: 'string', cell: ({ row }) => <Title row={row.original} /> },
      { id: 'kind', header: 'Kind', sortType: 'string', cell: ({ row }) => row.original.kind },
      { id: 'name', header: 'Name', sortType: 'string', cell: ({ row }) => row.original.name },
      {
        id: 'file',
        header: 'File',
        sortType: 'string',
        cell: ({ row }) => `${row.original.file}:${row.original.line}`,
      },
      { id: 'errors', header: 'Problems', sortType: 'number', cell: ({ row }) => <Problems row={row.original} /> },
    ],
    [],
  );
  return <DataTable columns={columns} rows={list.rows} rowId={rowId} total={list.total} pageSize={list.pageSize} />;
}

function Title({ row }: { row: DocumentRow }) {
  const paths = usePaths();
  return (
    <TextLink href={paths.documents(row)} inline={false}>
      {row.displayName || row.name}
    </TextLink>
  );
}

function Problems({ row: { errors, warnings, problem } }: { row: DocumentRow }) {
  return (
    <Stack wrap="wrap" alignItems="center">
      {errors > 0 && <Badge color="red" icon="times-circle" text={errors === 1 ? '1 error' : `${errors} errors`} />}
      {warnings > 0 && (
        <Badge
          color="orange"
          icon="exclamation-triangle"
          text={warnings === 1 ? '1 warning' : `${warnings} warnings`}
        />
      )}
      {problem && <span>{problem}</span>}
    </Stack>
  );
}

/** What was typed in this browser and not saved. */
function Drafts() {
  const { uid } = useDataSource();
  const paths = usePaths();
  const drafts = allDrafts(uid);
  if (drafts.length === 0) {
    return null;
  }
  return (
    <Alert severity="info" title="Not saved yet">
      {drafts.map(({ id: { kind, name }, draft }) => (
        <div key={JSON.stringify([kind, name])}>
          <TextLink
            href={name === undefined ? paths.documents(undefined, { new: kind }) : paths.documents({ kind, name })}
          >
            {name === undefined ? `New ${kind}` : `${kind} ${name}`}
          </TextLink>{' '}
          {instant(draft.at)}
        </div>
      ))}
    </Alert>
  );
}
