import { type AnnotationQuery } from '@grafana/data';
import { isEqual, pick } from 'lodash';
import { filterFields, type FilterValues, queryTypes, schemaVersion, type Query } from './types';

/**
 * A query as this version writes it. What was saved is never lost: a newer
 * schemaVersion or an unknown type stays, and the backend says what to do.
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
    // Written by hand, a single name is often no list.
    const value: unknown = query[field];
    if (typeof value === 'string') {
      query[field] = [value];
    }
  }
  return query;
}

/** A query with its filters as text, which is all that Grafana 12.3 lets through of a new alert rule's link. */
interface Linked {
  expression?: string;
}

/** The filters as the text of {@link Linked}. */
export function filtersAsText(filters: FilterValues): string {
  return JSON.stringify(filters);
}

/** Whether a query came by a link and has its filters as text still; what the editor makes of it has to be kept. */
export function isLinked(saved: Partial<Query> & Linked): boolean {
  return Boolean(saved.expression);
}

/** A query with the filters of its text put where they belong. */
function filtersIn(saved: Partial<Query> & Linked): Partial<Query> {
  const { expression, ...query } = saved;
  if (!expression) {
    return expression === undefined ? saved : query;
  }
  try {
    return { ...query, ...pick(JSON.parse(expression), filterFields) };
  } catch {
    return saved; // Not ours: the backend ignores it.
  }
}

/**
 * An annotation as this version writes it: incidents, when nothing else was
 * saved. What needs no change is given back itself: Grafana takes another
 * object for a change, and asks again what it should be.
 */
export function migrateAnnotation(saved: AnnotationQuery<Query>): AnnotationQuery<Query> {
  const target = migrate({ refId: 'Annotation', ...incidents, ...saved.target });
  return isEqual(target, saved.target) ? saved : { ...saved, target };
}

const incidents = { queryType: 'incidents' as const, schemaVersion };

/** Whether this version knows what the query asks. */
export function isKnown(query: Query): boolean {
  return query.queryType in queryTypes && query.schemaVersion <= schemaVersion;
}
