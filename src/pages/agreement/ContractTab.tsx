import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Badge, TextLink, useStyles2 } from '@grafana/ui';
import { type AgreementContractTab } from '../../api/types';
import { useResource } from '../../api/useResource';
import { ContactList, Followed } from '../../components/ContactList';
import { column, DataTable } from '../../components/DataTable';
import { Loaded } from '../../components/Loaded';
import { TeamLink, titleOf } from '../../components/Named';
import { Section } from '../../components/Section';
import { StateBadge } from '../../components/StateBadge';
import { type AgreementId, agreementResource, usePaths } from '../../paths';

type Related = AgreementContractTab['dependents'][number];
type Exclusion = AgreementContractTab['exclusions'][number];

/** What was agreed, in words. */
export function ContractTab({ agreement }: { agreement: AgreementId }) {
  const contract = useResource<AgreementContractTab>(agreementResource('contract', agreement));
  return <Loaded resource={contract}>{(value) => <Contract contract={value} />}</Loaded>;
}

function Contract({ contract }: { contract: AgreementContractTab }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const { dependents, dependsOn, documents, escalation, exclusions, labels, links, moreDependents, parties } = contract;
  return (
    <>
      <Section title="The promise">
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
      </Section>
      {exclusions.length > 0 && (
        <Section title="Exclusions">
          <DataTable columns={exclusionColumns} list={{ rows: exclusions }} rowId={({ name }) => name} />
        </Section>
      )}
      <div className={styles.parts}>
        <Section title="Parties">
          {parties.length === 0 && <p>None: no agreement names this SLO.</p>}
          {parties.map((party) => (
            <div key={`${party.role} ${party.name}`}>
              {party.role} <TeamLink team={party} />
              <ContactList contacts={party.contacts} />
            </div>
          ))}
        </Section>
        {dependsOn.length > 0 && (
          <Section title="Depends on">
            <ul className={styles.list}>
              {dependsOn.map((any) => (
                <li key={any.map(({ name }) => name).join()}>
                  {any.map((one, i) => [i > 0 && ' or ', <Other key={one.name} one={one} />])}
                </li>
              ))}
            </ul>
          </Section>
        )}
        {dependents.length > 0 && (
          <Section title="Needed by">
            <ul className={styles.list}>
              {dependents.map((one) => (
                <li key={one.name}>
                  <Other one={one} />
                </li>
              ))}
            </ul>
            {moreDependents > 0 && `and ${moreDependents} more`}
          </Section>
        )}
        {escalation.length > 0 && (
          <Section title="Escalation">
            <ol className={styles.list}>
              {escalation.map(({ isTeam, notify, when }) => (
                <li key={`${when} ${notify.name}`}>
                  {when}: {isTeam ? <TeamLink team={notify} /> : titleOf(notify)}
                </li>
              ))}
            </ol>
          </Section>
        )}
        {parties.length > 0 && (
          <Section title="Signatures and review">
            <ul className={styles.list}>
              {contract.signatures.map(({ missing, name, on, team }) => (
                <li key={`${team.name} ${name}`}>
                  <TeamLink team={team} />: {missing ? 'not signed' : [name, on].filter(Boolean).join(', ')}
                </li>
              ))}
            </ul>
            {contract.review && <p>{`Review ${contract.review}`}</p>}
            {contract.reviewOverdue && <Badge color="orange" icon="exclamation-triangle" text="Review overdue" />}
          </Section>
        )}
        <Section title="Documents and links">
          <ul className={styles.list}>
            {documents.map(({ displayName, file, kind, name }) => (
              <li key={`${kind} ${name}`}>
                {kind} <TextLink href={paths.documents({ kind, name })}>{displayName || name}</TextLink> {file}
              </li>
            ))}
            {links.map(({ title, url }) => (
              <li key={url}>
                <Followed address={url} text={`${title} (${url})`}>
                  {title}
                </Followed>
              </li>
            ))}
          </ul>
          {Object.entries(labels).map(([label, value]) => (
            <Badge key={label} color="darkgrey" text={`${label}=${value}`} />
          ))}
        </Section>
      </div>
    </>
  );
}

const exclusionColumns = [
  column<Exclusion>('name', 'Exclusion', (exclusion) => <ExclusionName exclusion={exclusion} />),
  column<Exclusion>('when', 'When', ({ when }) => when),
  column<Exclusion>('by', 'Approved by', ({ approvedBy }) => approvedBy || 'Nobody yet'),
  column<Exclusion>('effect', 'Effect here', ({ hasEffect, effect }) => (
    <Badge color={hasEffect ? 'green' : 'darkgrey'} icon={hasEffect ? 'check' : 'times'} text={effect} />
  )),
];

function ExclusionName({ exclusion }: { exclusion: Exclusion }) {
  const paths = usePaths();
  return (
    <>
      <TextLink href={paths.exclusions({ open: exclusion.name })}>{titleOf(exclusion)}</TextLink> {exclusion.reason}
    </>
  );
}

/** An agreement on which this one depends, or that depends on it. */
function Other({ one }: { one: Related }) {
  const paths = usePaths();
  const { objective, stage, state } = one;
  const title = titleOf(one);
  return state ? (
    <>
      <TextLink href={paths.agreement(one)}>{objective ? `${title}, ${objective}` : title}</TextLink>{' '}
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
