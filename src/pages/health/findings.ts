import { type Catalog, type DocumentList, type ObjectiveStatus, type Problem, type Team } from '../../api/types';
import { numberOf } from '../../components/words';
import { type AgreementRow } from './agreementRow';

/** An objective, or a group of it, of which too little is measured. */
export interface Gap {
  agreementRow: AgreementRow;
  objective: ObjectiveStatus;
  /** The measured share of the time that counts; 0 where nothing could be measured. */
  coverage: number;
}

/** Less than this share of the time measured is a gap. */
export const fullCoverage = 0.99;

/** What is not measured all the time, the least measured first. Drafts and what is over are nobody's concern. */
export function gaps(agreementRows: AgreementRow[]): Gap[] {
  return agreementRows
    .filter(({ alone, summary }) => alone || summary.stage === 'active' || summary.stage === 'proposed')
    .flatMap((agreementRow) =>
      agreementRow.objectives
        .filter(({ state, error }) => state !== 'inactive' || error)
        .map((objective) => ({ agreementRow, objective, coverage: numberOf(objective.coverage) ?? 0 })),
    )
    .filter(({ coverage, objective }) => coverage < fullCoverage || objective.error)
    .sort((a, b) => a.coverage - b.coverage || a.agreementRow.title.localeCompare(b.agreementRow.title));
}

/** Something for which nobody can be reached, or nobody may speak. */
export type Ownerless =
  | { kind: 'no-contact' | 'no-member'; team: Team; agreements: string[] }
  | { kind: 'no-agreement'; slo: string; title: string };

/**
 * What has no owner: teams in agreements in force without a contact (nobody is
 * told) or without members (nobody may approve or sign), and SLOs that no
 * agreement names.
 */
export function ownerless(catalog: Pick<Catalog, 'agreements' | 'slos'>, teams: Team[]): Ownerless[] {
  const inForce = catalog.agreements.filter(({ stage }) => stage === 'active' || stage === 'proposed');
  const found = teams.flatMap((team): Ownerless[] => {
    const provides = inForce.filter(({ provider }) => provider === team.name).map(({ name }) => name);
    const consumes = inForce.filter(({ consumers }) => consumers.includes(team.name)).map(({ name }) => name);
    const all = [...provides, ...consumes];
    return [
      // Only a provider is called when something breaks.
      ...(provides.length > 0 && team.contacts.length === 0
        ? [{ kind: 'no-contact' as const, team, agreements: provides }]
        : []),
      ...(all.length > 0 && team.members.length === 0 ? [{ kind: 'no-member' as const, team, agreements: all }] : []),
    ];
  });
  const alone = catalog.slos.map(({ name, displayName }): Ownerless => ({
    kind: 'no-agreement',
    slo: name,
    title: displayName || name,
  }));
  return [...found, ...alone];
}

/** The document that a problem is in, where it may be opened by itself. */
export function documentOf({ kind, name, file }: Problem, list: DocumentList | undefined) {
  return list?.rows.find((one) => one.kind === kind && one.name === name && one.file === file);
}

/** The errors first, then by file and line. */
export function inOrder(problems: Problem[]): Problem[] {
  const rank = ({ severity }: Problem) => (severity === 'error' ? 0 : 1);
  return [...problems].sort((a, b) => rank(a) - rank(b) || a.file.localeCompare(b.file) || a.line - b.line);
}
