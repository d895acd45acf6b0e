import { type Stage, type State } from '../../api/types';
import { type Sort } from '../../components/Table';
import { worstFirst } from '../../components/StateBadge';
import { type AgreementRow } from './agreementRow';

/** The filters of the page, by the names they have in its URL. Each is a list; an empty one keeps all. */
export const filterNames = ['state', 'provider', 'consumer', 'service', 'stage', 'label'] as const;

export type FilterName = (typeof filterNames)[number];

/** What is shown: the rows that all filters and all words of the search keep. */
export type Filters = Record<FilterName, string[]> & {
  /** Words, all of which must be found somewhere in the row. */
  search: string;
};

/** The stage of what is no agreement: an SLO that none names. */
export const withoutAgreement = 'none';

/** Reads them from the URL's parameters. */
export function filtersOf(params: URLSearchParams): Filters {
  const lists = Object.fromEntries(filterNames.map((name) => [name, params.getAll(name).filter(Boolean)]));
  return { ...(lists as Record<FilterName, string[]>), search: params.get('q') ?? '' };
}

/** The parameters with a filter or the search changed, on the first page again. */
export function withFilter(params: URLSearchParams, name: FilterName | 'q', values: string[]): URLSearchParams {
  const next = new URLSearchParams(params);
  next.delete(name);
  next.delete('page');
  values.filter(Boolean).forEach((value) => next.append(name, value));
  return next;
}

/** The parameters without any filter. */
export function withoutFilters(params: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(params);
  ['q', 'page', ...filterNames].forEach((name) => next.delete(name));
  return next;
}

/** Whether anything is filtered out at all. */
export const narrows = (filters: Filters) =>
  filters.search.trim() !== '' || filterNames.some((name) => filters[name].length > 0);

/** The rows that are kept. */
export function filtered(rows: AgreementRow[], filters: Filters, called: (team: string) => string): AgreementRow[] {
  const words = filters.search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      filterNames.every((name) => name === 'label' || keeps(filters[name], valuesOf(row, name))) &&
      keepsLabels(filters.label, valuesOf(row, 'label')) &&
      (words.length === 0 || found(words, textOf(row, called))),
  );
}

/** What a row has that a filter may name. */
export function valuesOf({ summary, state, alone }: AgreementRow, name: FilterName): string[] {
  switch (name) {
    case 'state':
      return state ? [state] : [];
    case 'provider':
      return summary.provider ? [summary.provider] : [];
    case 'consumer':
      return summary.consumers;
    case 'service':
      return [summary.service];
    case 'stage':
      return [alone ? withoutAgreement : summary.stage];
    case 'label':
      return Object.entries(summary.labels).map(([label, value]) => `${label}=${value}`);
  }
}

const keeps = (wanted: string[], values: string[]) =>
  wanted.length === 0 || wanted.some((value) => values.includes(value));

/** Of one label any of the values will do; of several labels each must fit. */
function keepsLabels(wanted: string[], values: string[]): boolean {
  const byLabel = new Map<string, string[]>();
  for (const pair of wanted) {
    const label = pair.split('=', 1)[0];
    byLabel.set(label, [...(byLabel.get(label) ?? []), pair]);
  }
  return [...byLabel.values()].every((pairs) => keeps(pairs, values));
}

const found = (words: string[], text: string) => words.every((word) => text.includes(word));

function textOf(row: AgreementRow, called: (team: string) => string): string {
  const { name, provider = '', consumers, service, objectives } = row.summary;
  const parties = [provider, ...consumers].flatMap((team) => [team, called(team)]);
  const promised = objectives.flatMap((objective) => [objective.name, objective.displayName ?? '']);
  return [row.title, name, service, ...parties, ...promised, ...valuesOf(row, 'label')].join('\n').toLowerCase();
}

const order: Partial<Record<FilterName, string[]>> = {
  state: worstFirst satisfies State[],
  stage: ['active', 'proposed', 'draft', 'retired', withoutAgreement] satisfies Array<Stage | 'none'>,
};

/** What there is to choose from, with how many rows each would keep. */
export function choices(rows: AgreementRow[], name: FilterName): Array<{ value: string; count: number }> {
  const counts = new Map<string, number>();
  for (const value of rows.flatMap((row) => valuesOf(row, name))) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const rank = (value: string) => order[name]?.indexOf(value) ?? 0;
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => rank(a.value) - rank(b.value) || a.value.localeCompare(b.value));
}

/** The order of the rows: the worst first unless the URL says another. */
export function sortOf(params: URLSearchParams): Sort {
  const text = params.get('sort') || 'state';
  return text.startsWith('-') ? { by: text.slice(1), descending: true } : { by: text, descending: false };
}

/** The parameters with another order, on the first page again. */
export function withSort(params: URLSearchParams, { by, descending }: Sort): URLSearchParams {
  const next = new URLSearchParams(params);
  next.set('sort', descending ? `-${by}` : by);
  next.delete('page');
  return next;
}
