import { Alert, Icon, Text, TextLink } from '@grafana/ui';
import { type DocumentList, type Health, type Problem } from '../../api/types';
import { useResource } from '../../api/useResource';
import { AllGood } from '../../components/AllGood';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { absent } from '../../components/words';
import { count, plural } from '../../components/words';
import { usePaths } from '../../paths';
import { documentOf, inOrder } from './findings';

/** What was read of the folder, and what is wrong with the documents, where. */
export function Documents({ documents }: { documents: Health['documents'] }) {
  const list = useResource<DocumentList>('documents').value;
  const { error, stale, served, agreements, slos, problems } = documents;
  const title = 'Documents';
  const paths = usePaths();
  const hrefOf = (problem: Problem) => {
    const found = documentOf(problem, list);
    return found && paths.documents(found);
  };
  return (
    <Section title={title}>
      {error && (
        <Alert
          severity="error"
          title={
            stale
              ? 'The folder could not be read anew: what was read before is in force'
              : 'The folder of documents could not be read'
          }
        >
          {error}
        </Alert>
      )}
      <p>
        {`${plural(served, `${count(served)} document`, `${count(served)} documents`)} read: ${plural(agreements, `${count(agreements)} agreement`, `${count(agreements)} agreements`)}, ${plural(slos, `${count(slos)} SLO without one`, `${count(slos)} SLOs without one`)}.`}
      </p>
      {problems.length > 0 ? (
        <Table
          caption={'What is wrong with documents'}
          columns={columns(hrefOf)}
          rows={inOrder(problems)}
          rowKey={(problem) => JSON.stringify(problem)}
        />
      ) : (
        !error && <AllGood>{'Nothing is wrong with them.'}</AllGood>
      )}
    </Section>
  );
}

function columns(hrefOf: (problem: Problem) => string | undefined): Array<Column<Problem>> {
  return [
    {
      id: 'severity',
      label: 'Severity',
      cell: ({ severity }) =>
        severity === 'error' ? (
          <Text color="error">
            <Icon name="times-circle" aria-hidden /> {'Error'}
          </Text>
        ) : (
          <Text color="warning">
            <Icon name="exclamation-triangle" aria-hidden /> {'Warning'}
          </Text>
        ),
    },
    {
      id: 'place',
      label: 'Place',
      cell: (problem) => <Place problem={problem} href={hrefOf(problem)} />,
    },
    {
      id: 'document',
      label: 'Document',
      cell: ({ kind, name }) => [kind, name].filter(Boolean).join(' ') || absent,
    },
    {
      id: 'message',
      label: 'What is wrong',
      cell: ({ field, message }) => (field ? `${field}: ${message}` : message),
    },
  ];
}

/** What has no kind and name of its own cannot be opened: it is mended in its file. */
function Place({ problem: { file, line, column }, href }: { problem: Problem; href: string | undefined }) {
  const place = `${file}:${line}:${column}`;
  return href ? (
    <TextLink href={href} color="primary">
      {place}
    </TextLink>
  ) : (
    place
  );
}
