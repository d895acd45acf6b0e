import { type ScopedVars } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { isObject } from 'lodash';
import { filterFields, type FilterValues, isTexts, type Query } from './types';

type Templates = Pick<TemplateSrv, 'replace'>;

/**
 * Replaces the variables in entries. A variable with several values makes an entry
 * for each; in a /regular expression/ it becomes an alternative. A variable that
 * does not exist or has no value stays, and the backend refuses it by name. So does
 * a value that is not a list of texts, as JSON edited by hand may have.
 */
export function expand(entries: string[], templates: Templates, scoped?: ScopedVars): string[] {
  return isTexts(entries) ? [...new Set(entries.flatMap((entry) => expandEntry(entry, templates, scoped)))] : entries;
}

function expandEntry(entry: string, templates: Templates, scoped?: ScopedVars): string[] {
  const found: string[][] = [];
  const place = (i: number) => `\u0000${i}\u0000`;
  const text = templates.replace(entry, scoped, (value: string | string[]) => {
    found.push(Array.isArray(value) ? value : [value]);
    return place(found.length - 1);
  });
  if (found.some((values) => values.every((value) => value === ''))) {
    return [entry]; // without a value it must not become «all»; the backend names the variable
  }
  if (entry.startsWith('/')) {
    return [templates.replace(entry, scoped, 'regex')];
  }
  return found.reduce(
    (texts, values, i) => texts.flatMap((t) => values.map((value) => t.replaceAll(place(i), () => value))),
    [text],
  );
}

/** Replaces the variables in every field of a query. */
export function interpolate(query: Query, templates: Templates, scoped?: ScopedVars): Query {
  const text = (value?: string) => (typeof value === 'string' ? templates.replace(value, scoped) : value);
  return {
    ...query,
    ...expandFilters(query, templates, scoped),
    ...(isObject(query.window) && {
      window: { ...query.window, rolling: text(query.window.rolling), calendar: text(query.window.calendar) },
    }),
    ...(query.burnWindows && { burnWindows: expand(query.burnWindows, templates, scoped) }),
    scope: text(query.scope),
    severity: text(query.severity),
  };
}

/** Replaces the variables in filters. */
export function expandFilters(filters: FilterValues, templates: Templates, scoped?: ScopedVars): FilterValues {
  return Object.fromEntries(
    filterFields.flatMap((field) => {
      const entries = filters[field];
      return entries ? [[field, expand(entries, templates, scoped)]] : [];
    }),
  );
}
