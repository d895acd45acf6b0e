import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Combobox, FilterInput, Icon, LinkButton, Stack, TextLink, useStyles2 } from '@grafana/ui';
import { useId, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { useDataSource } from '../../api/DataSource';
import { type Catalog, type DocumentEntry, type DocumentList, type Problem } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Empty } from '../../components/Empty';
import { HiddenLabel } from '../../components/HiddenLabel';
import { Section } from '../../components/Section';
import { instant } from '../../components/words';
import { count, plural } from '../../components/words';
import { usePaths } from '../../paths';
import { kinds } from './documents';
import { allDrafts } from './drafts';
import { formKinds } from './newDocument';

/** How many of a kind are listed before one has to search. */
const shownOfKind = 100;

/** Every document by kind, with a search; what is wrong with one stands beside it. */
export function DocumentPicker({ list }: { list: DocumentList }) {
  const id = useId();
  const [search, setSearch] = useSearchParams();
  const problems = useResource<Catalog>('catalog').value?.problems;
  const query = search.get('q') ?? '';
  const kind = search.get('kind') ?? '';
  const set = (name: string, value: string) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        next.delete(name);
        if (value) {
          next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  const worst = useMemo(() => worstOf(problems ?? []), [problems]);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = list.rows.filter(
    (one) =>
      (!kind || one.kind === kind) &&
      words.every((word) => `${one.kind} ${one.name} ${one.file}`.toLowerCase().includes(word)),
  );
  const present = [...new Set([...kinds, ...list.rows.map((one) => one.kind)])].filter((one) =>
    list.rows.some((document) => document.kind === one),
  );

  return (
    <>
      <Begin list={list} />
      <Drafts />
      <Section title={'Documents'}>
        <Stack wrap="wrap">
          <div style={{ flex: '1 1 200px' }}>
            <FilterInput
              value={query}
              onChange={(value) => set('q', value)}
              placeholder={'Search by name or file'}
              aria-label={'Search by name or file'}
              escapeRegex={false}
            />
          </div>
          <div>
            <HiddenLabel id={id}>{'Kind'}</HiddenLabel>
            <Combobox
              aria-labelledby={id}
              placeholder={'All kinds'}
              width={28}
              isClearable
              options={present.map((value) => ({ value }))}
              value={kind || null}
              onChange={(option) => set('kind', option?.value ?? '')}
            />
          </div>
        </Stack>
        <p role="status">{plural(found.length, '1 document', `${count(found.length)} documents`)}</p>
        {found.length === 0 && (
          <Empty kind={list.rows.length > 0 ? 'not-found' : 'start'} title={'There is no such document'}>
            {list.rows.length > 0
              ? 'Search for less, or among all kinds.'
              : 'The folder has no documents yet. Begin with a team and a service.'}
          </Empty>
        )}
        {present.map((one) => (
          <OfKind key={one} kind={one} documents={found.filter((document) => document.kind === one)} worst={worst} />
        ))}
      </Section>
    </>
  );
}

function Begin({ list }: { list: DocumentList }) {
  const paths = usePaths();
  return (
    <Section title={'Begin a new one'}>
      {list.mayPropose ? (
        <Stack wrap="wrap">
          {formKinds.map((kind) => (
            <LinkButton key={kind} variant="secondary" icon="plus" href={paths.documents(undefined, { new: kind })}>
              {kind}
            </LinkButton>
          ))}
        </Stack>
      ) : (
        <p>{'New documents are begun by Editors. You may look at all that are there, and copy them.'}</p>
      )}
    </Section>
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
    <Section title={'Not saved yet'}>
      <p>{'You typed this in this browser and did not save it. Go on where you were:'}</p>
      <ul>
        {drafts.map(({ id, draft }) => (
          <li key={JSON.stringify(id)}>
            <TextLink
              href={
                id.name === undefined
                  ? paths.documents(undefined, { new: id.kind })
                  : paths.documents({ kind: id.kind, name: id.name })
              }
            >
              {id.name === undefined ? `New ${id.kind}` : `${id.kind} ${id.name}`}
            </TextLink>{' '}
            {instant(draft.at)}
          </li>
        ))}
      </ul>
    </Section>
  );
}

type Worst = Map<string, Problem>;

function OfKind({ kind, documents, worst }: { kind: string; documents: DocumentEntry[]; worst: Worst }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  if (documents.length === 0) {
    return null;
  }
  return (
    <div className={styles.kind}>
      <h3 className={styles.title}>
        {kind} <span className={styles.file}>{documents.length.toLocaleString('en')}</span>
      </h3>
      <ul className={styles.list}>
        {documents.slice(0, shownOfKind).map((one, i) => (
          <li key={`${one.name} ${i}`} className={styles.row}>
            <TextLink href={paths.documents(one)} inline={false}>
              {one.name}
            </TextLink>
            <span className={styles.file}>{`${one.file}:${one.line}`}</span>
            <Mark problem={worst.get(keyOf(one))} />
          </li>
        ))}
      </ul>
      {documents.length > shownOfKind && <p>{`${documents.length - shownOfKind} more: search for what you need.`}</p>}
    </div>
  );
}

function Mark({ problem }: { problem?: Problem }) {
  const styles = useStyles2(getStyles);
  if (!problem) {
    return null;
  }
  const isError = problem.severity === 'error';
  return (
    <span className={isError ? styles.error : styles.warning}>
      <Icon name={isError ? 'times-circle' : 'exclamation-triangle'} title={isError ? 'Error' : 'Warning'} />{' '}
      {problem.message}
    </span>
  );
}

const keyOf = ({ kind, name }: { kind?: string; name?: string }) => JSON.stringify([kind, name]);

/** The first error of each document, else its first warning. */
function worstOf(problems: Problem[]): Worst {
  const worst: Worst = new Map();
  for (const problem of problems) {
    const key = keyOf(problem);
    if (!worst.has(key) || (problem.severity === 'error' && worst.get(key)?.severity !== 'error')) {
      worst.set(key, problem);
    }
  }
  return worst;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    kind: css({ marginTop: theme.spacing(2) }),
    title: css({ ...theme.typography.h5 }),
    list: css({ listStyle: 'none' }),
    row: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0, 2),
      padding: theme.spacing(0.5, 0),
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    }),
    file: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
    error: css({ color: theme.colors.error.text }),
    warning: css({ color: theme.colors.warning.text }),
  };
}
