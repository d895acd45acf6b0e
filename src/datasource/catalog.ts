import { type FilterField, type VariableKind } from './types';

/** What the resource `catalog` says of an agreement, or of an SLO that no agreement names. */
export interface CatalogAgreement {
  name: string;
  displayName?: string;
  service: string;
  provider?: string;
  consumers: string[];
  labels: Record<string, string>;
  objectives: Array<{ name: string; displayName?: string }>;
}

interface Named {
  name: string;
  displayName?: string;
}

/** The part of the resource `catalog` from which names are picked. */
export interface Catalog {
  agreements: CatalogAgreement[];
  slos: CatalogAgreement[];
  services: Named[];
  teams: Named[];
}

export type Filters = Partial<Record<FilterField, string[]>>;

/** The agreements, and the SLOs that none names, that the filters keep. */
export function matching(catalog: Catalog, filters: Filters): CatalogAgreement[] {
  return [...catalog.agreements, ...catalog.slos].filter(
    (a) =>
      keeps(filters.agreements, [a.name]) &&
      keeps(filters.services, [a.service]) &&
      keeps(filters.providers, a.provider ? [a.provider] : []) &&
      keeps(filters.consumers, a.consumers) &&
      keeps(filters.labels, labelsOf(a)),
  );
}

/** The labels of an agreement as a filter names them: name=value. */
export function labelsOf(a: CatalogAgreement): string[] {
  return Object.entries(a.labels ?? {}).map(([name, value]) => `${name}=${value}`);
}

/** As the backend's filter: one of the entries matches; no entry keeps all. */
function keeps(entries: string[] | undefined, values: string[]): boolean {
  if (!entries?.length) {
    return true;
  }
  const candidates = values.length ? values : [''];
  return entries.some((entry) => candidates.some((value) => matches(entry, value)));
}

function matches(entry: string, value: string): boolean {
  const expression = /^\/(.*)\/$/s.exec(entry);
  if (!expression) {
    return entry === value;
  }
  try {
    return new RegExp(expression[1]).test(value);
  } catch {
    return false; // half typed; the backend says what is wrong with it
  }
}

/** A name to pick, with the words that people know it by. */
export interface Choice {
  value: string;
  label: string;
  description?: string;
}

/** The names of one kind that the agreements have, sorted, with display names where there are any. */
export function choices(catalog: Catalog, kind: VariableKind | 'labels', filters: Filters): Choice[] {
  const found = new Map<string, string | undefined>();
  for (const a of matching(catalog, { ...filters, [kind]: undefined })) {
    for (const [name, displayName] of namesOf(a, kind)) {
      found.set(name, found.get(name) ?? displayName);
    }
  }
  const known = new Map((kind === 'services' ? catalog.services : catalog.teams).map((n) => [n.name, n.displayName]));
  const ownNames = kind === 'agreements' || kind === 'objectives' || kind === 'labels';
  return [...found]
    .map(([value, displayName]) => choice(value, ownNames ? displayName : known.get(value)))
    .sort((a, b) => a.value.localeCompare(b.value));
}

function choice(value: string, displayName?: string): Choice {
  return displayName && displayName !== value
    ? { value, label: value, description: displayName }
    : { value, label: value };
}

function namesOf(a: CatalogAgreement, kind: VariableKind | 'labels'): Array<[string, string?]> {
  switch (kind) {
    case 'agreements':
      return [[a.name, a.displayName]];
    case 'objectives':
      return a.objectives.map((o) => [o.name, o.displayName]);
    case 'services':
      return a.service ? [[a.service]] : [];
    case 'providers':
      return a.provider ? [[a.provider]] : [];
    case 'consumers':
      return a.consumers.map((name) => [name]);
    case 'labels':
      return labelsOf(a).map((name) => [name]);
  }
}
