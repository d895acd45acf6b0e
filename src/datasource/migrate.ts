import { type AnnotationQuery } from '@grafana/data';
import { isEqual, pick } from 'lodash';
import { filterFields, type FilterValues, queryTypes, schemaVersion, type Query } from './types';

/**
 * Converts a saved query to this version. Nothing is lost: a newer schemaVersion
 * or an unknown type stays, and the backend reports what to do.
 */
export function migrate(saved: Partial<Query> & Pick<Query, 'refId'>): Query {
  const query = {
    queryType: 'status',
    ...filtersIn(saved),
    schemaVersion: saved.schemaVersion ?? schemaVersion,
  } as Query;
  if (!query.queryType) {
    query.queryType = 'status';
  }
  for (const field of filterFields) {
    // In JSON edited by hand a single name is often not a list.
    const value: unknown = query[field];
    if (typeof value === 'string') {
      query[field] = [value];
    }
  }
  return query;
}

/** A query with its filters as text, the only form that Grafana 12.3 accepts in links to new alert rules. */
interface Linked {
  expression?: string;
}

/** The filters as the text of {@link Linked}. */
export function filtersAsText(filters: FilterValues): string {
  return JSON.stringify(filters);
}

/** Whether a query came by a link and still has its filters as text; the editor must save the converted one. */
export function isLinked(saved: Partial<Query> & Linked): boolean {
  return Boolean(saved.expression);
}

/** Moves the filters from the text of a query to its fields. */
function filtersIn(saved: Partial<Query> & Linked): Partial<Query> {
  const { expression, ...query } = saved;
  if (!expression) {
    return expression === undefined ? saved : query;
  }
  try {
    return { ...query, ...pick(JSON.parse(expression), filterFields) };
  } catch {
    return saved; // Not from Accord: the backend ignores it.
  }
}

/**
 * Converts an annotation to this version; by default it is for incidents. Without
 * changes it returns the same object, because Grafana takes another one for a
 * change and prepares it again.
 */
export function migrateAnnotation(saved: AnnotationQuery<Query>): AnnotationQuery<Query> {
  const target = migrate({ refId: 'Annotation', ...incidents, ...saved.target });
  return isEqual(target, saved.target) ? saved : { ...saved, target };
}

const incidents = { queryType: 'incidents' as const, schemaVersion };

/** Whether this version knows the type and the schema of the query. */
export function isKnown(query: Query): boolean {
  return query.queryType in queryTypes && query.schemaVersion <= schemaVersion;
}
