import { type Place } from './place';
import { entry, type Schema, schemaAt } from './schema';

/** What could be typed at a place. */
export interface Suggestion {
  text: string;
  /** A name gets its colon, and its value or block after it. */
  kind: 'name' | 'value';
  /** What is meant by it. */
  about?: string;
  /** What stands after a name: a value on the line, a block below, or a list below. */
  takes?: 'value' | 'mapping' | 'list';
}

/** The names there are to refer to, by kind; `Contact` has contacts and Teams. */
export type Names = Record<string, string[]>;

/** What could be typed there, by the schema and by the documents there are. */
export function suggestionsAt(schema: Schema, names: Names, place: Place): Suggestion[] {
  if (place.path.length === 0 && (place.key !== undefined || place.kind === undefined)) {
    return ofHead(schema, place);
  }
  const here = place.kind === undefined ? undefined : schemaAt(schema, place.kind, place.path);
  if (!here || place.kind === undefined) {
    return [];
  }
  if (place.key !== undefined) {
    return values(schemaAt(schema, place.kind, [...place.path, place.key]), names);
  }
  if (!here.properties && place.path.at(-1) === entry) {
    // What a list refers to is said at the list.
    const list = schemaAt(schema, place.kind, place.path.slice(0, -1));
    return values({ ...here, 'x-reference': list?.['x-reference'] }, names);
  }
  return Object.entries(here.properties ?? {})
    .filter(([name]) => !place.taken.includes(name))
    .map(([name]) => {
      const of = schemaAt(schema, place.kind!, [...place.path, name]);
      return { text: name, kind: 'name', about: of?.description, takes: taking(of) };
    });
}

/** Before the kind is known only the head can be written. */
function ofHead(schema: Schema, { key, taken }: Place): Suggestion[] {
  const of = schema.$defs?.document?.properties ?? {};
  if (key !== undefined) {
    return values(of[key], {});
  }
  return ['apiVersion', 'kind', 'metadata', 'spec']
    .filter((name) => !taken.includes(name))
    .map((text) => ({ text, kind: 'name', takes: text in of ? 'value' : 'mapping' }));
}

function values(of: Schema | undefined, names: Names): Suggestion[] {
  if (!of) {
    return [];
  }
  const reference = of['x-reference'];
  const known: unknown[] =
    of.enum ?? (of.const !== undefined ? [of.const] : of.type === 'boolean' ? [true, false] : []);
  const all = reference ? (names[reference] ?? []) : known.map(String);
  return all.map((text) => ({ text, kind: 'value', about: reference }));
}

function taking(of: Schema | undefined): Suggestion['takes'] {
  if (of?.properties || of?.type === 'object') {
    return 'mapping';
  }
  return of?.type === 'array' ? 'list' : 'value';
}

/** What is said about the name at a place. */
export function aboutName(schema: Schema, place: Place, name: string): string | undefined {
  return place.kind === undefined ? undefined : schemaAt(schema, place.kind, [...place.path, name])?.description;
}
