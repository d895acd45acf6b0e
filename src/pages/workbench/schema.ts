/** The parts of JSON Schema that the schema of the documents uses. */
export interface Schema {
  description?: string;
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
  required?: string[];
  const?: unknown;
  oneOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  /** The kind of document that the value names; Contact: a contact of a Team, or a Team. */
  'x-reference'?: string;
}

/** A name in a mapping, or an entry of a list. */
export type Step = string | typeof entry;

/** Any entry of a list. */
export const entry = Symbol('entry');

/** What may stand at a place of a document of that kind; undefined where the schema says nothing. */
export function schemaAt(root: Schema, kind: string, path: Step[]): Schema | undefined {
  let here: Schema | undefined = resolved(root, root.$defs?.[kind]);
  for (const step of path) {
    here = resolved(root, step === entry ? listOf(here)?.items : here?.properties?.[step]);
  }
  return here;
}

/** One text may stand for a list of one. */
function listOf(schema: Schema | undefined): Schema | undefined {
  return schema?.items ? schema : schema?.oneOf?.find(({ items }) => items);
}

/** What stands beside a reference, such as a description, goes before what it refers to. */
function resolved(root: Schema, schema: Schema | undefined): Schema | undefined {
  if (!schema?.$ref) {
    return schema;
  }
  return { ...root.$defs?.[schema.$ref.replace('#/$defs/', '')], ...schema };
}
