/**
 * What the resources answer with, by the names the pages use. The shapes come
 * from the backend's OpenAPI document; `npm run generate` renews them.
 */
import { type components } from './openapi.gen';

type Schemas = components['schemas'];

/** A number; null when it could not be known; infinite as text, where there is no budget to divide by. */
export type Figure = Schemas['Figure'];
/** How an objective or an agreement stands. */
export type State = Schemas['AgreementStatus']['state'];
/** Where an agreement is in its life; only active ones count in states and alerts. */
export type Stage = Schemas['Summary']['stage'];
/** What an objective's total and bad are counts of. */
export type Unit = Schemas['ObjectiveStatus']['unit'];

/** `pages/agreements`: the rows of the home page, with its tiles. */
export type AgreementList = Schemas['AgreementList'];
export type AgreementRow = Schemas['AgreementRow'];
/** `pages/agreements/choices`: a value of a filter. */
export type Choice = Schemas['Choice'];
/** `pages/agreements/trends`: the budgets over time of the same rows. */
export type Trends = Schemas['Trends'];

/** `pages/teams`: the teams, a page of them. */
export type TeamRows = Schemas['TeamRows'];
export type TeamRow = Schemas['TeamRow'];
/** Agreements counted by how they stand. */
export type Tally = Schemas['Tally'];
/** `pages/teams/{name}`: one team. */
export type TeamPage = Schemas['TeamPage'];
/** `pages/exclusions`: a page of them; and one. */
export type ExclusionRows = Schemas['ExclusionRows'];
export type ExclusionRow = Schemas['ExclusionRow'];
/** `pages/timeline`: when what was promised counts. */
export type Timeline = Schemas['Timeline'];
export type ExclusionPage = Schemas['ExclusionPage'];
/** `pages/exclusions/draft`: a form, and the document that is made of it. */
export type ExclusionForm = Schemas['ExclusionForm'];
export type ExclusionDraft = Schemas['ExclusionDraft'];
/** `pages/matrix`: who promises what to whom. */
export type Matrix = Schemas['Matrix'];

export type Team = Schemas['Team'];
/** `pages/findings`: everything that wants mending. */
export type Findings = Schemas['Findings'];
export type Finding = Schemas['Finding'];
/** What is wrong in a document, and where. */
export type Problem = Schemas['Problem'];
/** `documents`: a page of what stands in the folder, and what this user may do. */
export type DocumentList = Schemas['DocumentList'];
export type DocumentEntry = Schemas['DocumentEntry'];
/** A row of {@link DocumentList}. */
export type DocumentRow = DocumentList['rows'][number];
/** What whoever asks may do. */
export type Permission = Schemas['Permission'];
/** `editor/…`: a document, or the template of a new one, as its editor needs it. */
export type EditedDocument = Schemas['EditedDocument'];
/** `validate`: what is wrong with proposed documents, and with others because of them. */
export type Validation = Schemas['Validation'];
/** `preview`: what proposed documents would do to the figures. */
export type Preview = Schemas['Preview'];
/** An agreement, or an SLO that none names, before and after. */
export type Effect = Schemas['Effect'];
/** `draft`: the form of a new agreement, and the documents that it makes. */
export type DraftRequest = Schemas['DraftRequest'];
export type Draft = Schemas['Draft'];
export type DraftForm = Schemas['DraftForm'];
/** What a draft would measure. */
export type DraftFigures = Schemas['DraftFigures'];
export type DraftCounts = Schemas['DraftCounts'];
/** `offers`: what a field of that form may be filled with. */
export type Offers = Schemas['Offers'];
/** The body of an answer to a change that was not made. */
export type Refusal = Schemas['Refusal'];

/** `pages/agreement/status/{name}`: how one agreement stands. */
export type AgreementStatusTab = Schemas['AgreementStatusTab'];
export type ObjectiveRow = Schemas['ObjectiveRow'];
/** `pages/agreement/history/{name}`: its periods, incidents and statements. */
export type AgreementHistoryTab = Schemas['AgreementHistoryTab'];
/** `pages/agreement/contract/{name}`: what was agreed, in words. */
export type AgreementContractTab = Schemas['AgreementContractTab'];

/** `POST backtest`: a definition tried on history, beside the present one. */
export type Backtest = Schemas['Backtest'];
export type BacktestRequest = Schemas['BacktestRequest'];
/** `change`: a file as it is and as it would be. */
export type Change = Schemas['Change'];

/** Something with a name, and the words that people know it by. */
export type Named = Schemas['Named'];
/** `pages/statements`: how all agreements did in a period. */
export type PeriodStatements = Schemas['PeriodStatements'];
export type PeriodRow = Schemas['PeriodRow'];
/** The figures of an objective or a group of it in a period. */
export type PeriodFigures = Schemas['PeriodFigures'];
/** A statement that is kept. */
export type StatementEntry = Schemas['StatementEntry'];
/** `POST statements` without an agreement: what became of each. */
export type Freezing = Schemas['Freezing'];
/** `statements/{period}/{agreement}/verify`: what differs from what was frozen, and why. */
export type Verification = Schemas['Verification'];
