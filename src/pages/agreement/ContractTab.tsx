import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Badge, type CellProps, type Column, Text, TextLink, useStyles2 } from '@grafana/ui';
import { Fragment, type ReactNode } from 'react';
import { segment } from '../../api/client';
import { type AgreementContractTab } from '../../api/types';
import { useResource } from '../../api/useResource';
import { followable } from '../../components/address';
import { ContactList } from '../../components/ContactList';
import { DataTable } from '../../components/DataTable';
import { Loaded } from '../../components/Loaded';
import { StateBadge } from '../../components/StateBadge';
import { usePaths } from '../../paths';

type Named = AgreementContractTab['parties'][number];
type Related = AgreementContractTab['dependents'][number];
type Exclusion = AgreementContractTab['exclusions'][number];

/** What was agreed, in words. */
export function ContractTab({ name }: { name: string }) {
  const contract = useResource<AgreementContractTab>(`pages/agreement/contract/${segment(name)}`);
  return <Loaded resource={contract}>{(value) => <Contract contract={value} />}</Loaded>;
}

function Contract({ contract }: { contract: AgreementContractTab }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const { dependents, dependsOn, documents, escalation, exclusions, labels, links, moreDependents, parties } = contract;
  return (
    <>
      <Part title="The promise">
        {contract.description && <p className={styles.lines}>{contract.description}</p>}
        <p>{contract.promise.opening}</p>
        <ul className={styles.list}>
          {contract.promise.objectives.map(({ displayName, name, notes, sentence }) => (
            <li key={name}>
              <strong>{displayName || name}</strong>: {[sentence, ...notes].join(' ')}
            </li>
          ))}
        </ul>
        {contract.promise.terms.map((term) => (
          <p key={term} className={styles.lines}>
            {term}
          </p>
        ))}
      </Part>
      {exclusions.length > 0 && (
        <Part title="Exclusions">
          <DataTable columns={exclusionColumns} rows={exclusions} rowId={({ name }) => name} />
        </Part>
      )}
      <div className={styles.parts}>
        <Part title="Parties">
          {parties.length === 0 && <p>None: no agreement names this SLO.</p>}
          {parties.map((party) => (
            <div key={`${party.role} ${party.name}`}>
              {party.role} <Team team={party} />
              <ContactList contacts={party.contacts} />
            </div>
          ))}
        </Part>
        {dependsOn.length > 0 && (
          <Part title="Depends on">
            <ul className={styles.list}>
              {dependsOn.map((any) => (
                <li key={any.map(({ name }) => name).join()}>
                  {any.map((one, i) => (
                    <Fragment key={one.name}>
                      {i > 0 && ' or '}
                      <Other one={one} />
                    </Fragment>
                  ))}
                </li>
              ))}
            </ul>
          </Part>
        )}
        {dependents.length > 0 && (
          <Part title="Needed by">
            <ul className={styles.list}>
              {dependents.map((one) => (
                <li key={one.name}>
                  <Other one={one} />
                </li>
              ))}
            </ul>
            {moreDependents > 0 && `and ${moreDependents} more`}
          </Part>
        )}
        {escalation.length > 0 && (
          <Part title="Escalation">
            <ol className={styles.list}>
              {escalation.map(({ isTeam, notify, when }) => (
                <li key={`${when} ${notify.name}`}>
                  {when}: {isTeam ? <Team team={notify} /> : notify.displayName || notify.name}
                </li>
              ))}
            </ol>
          </Part>
        )}
        {parties.length > 0 && (
          <Part title="Signatures and review">
            <ul className={styles.list}>
              {contract.signatures.map(({ missing, name, on, team }) => (
                <li key={`${team.name} ${name}`}>
                  <Team team={team} />: {missing ? 'not signed' : [name, on].filter(Boolean).join(', ')}
                </li>
              ))}
            </ul>
            {contract.review && <p>{`Review ${contract.review}`}</p>}
            {contract.reviewOverdue && <Badge color="orange" icon="exclamation-triangle" text="Review overdue" />}
          </Part>
        )}
        <Part title="Documents and links">
          <ul className={styles.list}>
            {documents.map(({ displayName, file, kind, name }) => (
              <li key={`${kind} ${name}`}>
                {kind} <TextLink href={paths.documents({ kind, name })}>{displayName || name}</TextLink> {file}
              </li>
            ))}
            {links.map(({ title, url }) => (
              <li key={url}>
                {followable(url) ? (
                  <TextLink href={url} external>
                    {title}
                  </TextLink>
                ) : (
                  `${title} (${url})`
                )}
              </li>
            ))}
          </ul>
          {Object.entries(labels).map(([label, value]) => (
            <Badge key={label} color="darkgrey" text={`${label}=${value}`} />
          ))}
        </Part>
      </div>
    </>
  );
}

const exclusionColumns: Array<Column<Exclusion>> = [
  { id: 'name', header: 'Exclusion', cell: ({ row }: CellProps<Exclusion>) => <ExclusionName {...row.original} /> },
  { id: 'when', header: 'When', cell: ({ row }: CellProps<Exclusion>) => row.original.when },
  { id: 'by', header: 'Approved by', cell: ({ row }: CellProps<Exclusion>) => row.original.approvedBy || 'Nobody yet' },
  {
    id: 'effect',
    header: 'Effect here',
    cell: ({ row: { original } }: CellProps<Exclusion>) => (
      <Badge
        color={original.hasEffect ? 'green' : 'darkgrey'}
        icon={original.hasEffect ? 'check' : 'times'}
        text={original.effect}
      />
    ),
  },
];

function ExclusionName({ displayName, name, reason }: Exclusion) {
  const paths = usePaths();
  return (
    <>
      <TextLink href={paths.exclusions({ open: name })}>{displayName || name}</TextLink> {reason}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Text element="h2" variant="h5">
        {title}
      </Text>
      {children}
    </section>
  );
}

function Team({ team: { displayName, name } }: { team: Pick<Named, 'name' | 'displayName'> }) {
  const paths = usePaths();
  return <TextLink href={paths.team(name)}>{displayName || name}</TextLink>;
}

/** An agreement on which this one rests, or that rests on it. */
function Other({ one: { displayName, name, objective, stage, state } }: { one: Related }) {
  const paths = usePaths();
  const title = displayName || name;
  return state ? (
    <>
      <TextLink href={paths.agreement(name)}>{objective ? `${title}, ${objective}` : title}</TextLink>{' '}
      <StateBadge state={state} stage={stage} />
    </>
  ) : (
    title
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    parts: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 320px), 1fr))',
      gap: theme.spacing(2, 3),
      marginTop: theme.spacing(2),
    }),
    list: css({ margin: theme.spacing(0, 0, 1, 2.5) }),
    lines: css({ whiteSpace: 'pre-line' }),
  };
}
