/**
 * The answers of the resources, by the names the pages use. The types come from
 * the backend's OpenAPI document; `npm run generate` updates them.
 */
import { type components } from './openapi.gen';

type Schemas = components['schemas'];

/** A number; null if unknown; infinite as text, if there is no budget to divide by. */
export type Figure = Schemas['Figure'];
/** The state of an objective or an agreement. */
export type State = Schemas['AgreementStatus']['state'];
/** The stage of an agreement; only active ones have states and alerts. */
export type Stage = Schemas['Summary']['stage'];
/** The unit of an objective's total and bad. */
export type Unit = Schemas['ObjectiveStatus']['unit'];

/** `pages/agreements`: the rows and tiles of the home page. */
export type AgreementList = Schemas['AgreementList'];
export type AgreementRow = Schemas['AgreementRow'];
/** `pages/agreements/choices`: a value of a filter. */
export type Choice = Schemas['Choice'];
/** `pages/agreements/trends`: the budgets of the same rows over time. */
export type Trends = Schemas['Trends'];

/** `pages/teams`: a page of teams. */
export type TeamRows = Schemas['TeamRows'];
export type TeamRow = Schemas['TeamRow'];
/** A number of agreements, and their worst state. */
export type Tally = Schemas['Tally'];
/** `pages/teams/{name}`: one team. */
export type TeamPage = Schemas['TeamPage'];
/** `pages/exclusions`: a page of exclusions. */
export type ExclusionRows = Schemas['ExclusionRows'];
export type ExclusionRow = Schemas['ExclusionRow'];
/** `pages/timeline`: support hours and exclusions over time. */
export type Timeline = Schemas['Timeline'];
export type ExclusionPage = Schemas['ExclusionPage'];
/** `pages/exclusions/draft`: a form, and the document made of it. */
export type ExclusionForm = Schemas['ExclusionForm'];
export type ExclusionDraft = Schemas['ExclusionDraft'];
/** `pages/matrix`: who promises what to whom. */
export type Matrix = Schemas['Matrix'];

export type Team = Schemas['Team'];
/** `pages/findings`: everything to be fixed. */
export type Findings = Schemas['Findings'];
export type Finding = Schemas['Finding'];
/** A problem of a document, and its place. */
export type Problem = Schemas['Problem'];
/** `documents`: a page of the documents in the folder, and what this user may do. */
export type DocumentList = Schemas['DocumentList'];
export type DocumentEntry = Schemas['DocumentEntry'];
/** A row of {@link DocumentList}. */
export type DocumentRow = DocumentList['rows'][number];
/** What this user may do. */
export type Permission = Schemas['Permission'];
/** `editor/…`: a document, or the template of a new one, for the editor. */
export type EditedDocument = Schemas['EditedDocument'];
/** `validate`: the problems of proposed documents, and those they cause in others. */
export type Validation = Schemas['Validation'];
/** `preview`: the effect of proposed documents on the figures. */
export type Preview = Schemas['Preview'];
/** An agreement, or an SLO that none names, before and after. */
export type Effect = Schemas['Effect'];
/** `draft`: the form of a new agreement, and the documents made of it. */
export type DraftRequest = Schemas['DraftRequest'];
export type Draft = Schemas['Draft'];
export type DraftForm = Schemas['DraftForm'];
/** The figures of a draft. */
export type DraftFigures = Schemas['DraftFigures'];
export type DraftCounts = Schemas['DraftCounts'];
/** `offers`: suggestions for a field of that form. */
export type Offers = Schemas['Offers'];
/** The response body of a refused change. */
export type Refusal = Schemas['Refusal'];

/** `pages/agreement/status/{name}`: the status of one agreement. */
export type AgreementStatusTab = Schemas['AgreementStatusTab'];
export type ObjectiveRow = Schemas['ObjectiveRow'];
/** `pages/agreement/history/{name}`: its periods, incidents and statements. */
export type AgreementHistoryTab = Schemas['AgreementHistoryTab'];
/** `pages/agreement/contract/{name}`: what was agreed, in words. */
export type AgreementContractTab = Schemas['AgreementContractTab'];

/** `POST backtest`: a definition tried on history, beside the present one. */
export type Backtest = Schemas['Backtest'];
export type BacktestRequest = Schemas['BacktestRequest'];
/** `change`: the change of a file. */
export type Change = Schemas['Change'];

/** Something with a name and perhaps a display name. */
export type Named = Schemas['Named'];
/** `pages/statements`: all agreements in a period. */
export type PeriodStatements = Schemas['PeriodStatements'];
export type PeriodRow = Schemas['PeriodRow'];
/** The figures of an objective or of one of its groups in a period. */
export type PeriodFigures = Schemas['PeriodFigures'];
/** A stored statement. */
export type StatementEntry = Schemas['StatementEntry'];
/** `POST statements` without an agreement: the result for each. */
export type Freezing = Schemas['Freezing'];
/** `statements/{period}/{agreement}/verify`: the differences from a statement, and why. */
export type Verification = Schemas['Verification'];
