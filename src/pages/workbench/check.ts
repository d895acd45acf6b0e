import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type Scalar } from 'yaml';
import { type Problem } from '../../api/types';
import { entry, type Schema, schemaAt, type Step } from './schema';

/** The file that places in a typed text are said to be in. */
export const typedFile = 'document.yaml';

/**
 * What is wrong with a text by the rules of YAML and of the schema alone. The
 * backend knows more, and has the last word; this is there while one types.
 */
export function check(text: string, schema: Schema | undefined): Problem[] {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent' })) {
    const kind: unknown = document.get('kind');
    const add = (message: string, node?: { range?: [number, number, number] | null }) => {
      const { line, col } = lines.linePos(node?.range?.[0] ?? document.range[0]);
      problems.push({ file: typedFile, line, column: col, severity: 'error', message });
    };
    for (const { message, pos } of document.errors) {
      const { line, col } = lines.linePos(pos[0]);
      // Its second line shows the place, which the editor does.
      problems.push({ file: typedFile, line, column: col, severity: 'error', message: message.split('\n')[0] });
    }
    if (document.errors.length > 0 || !schema || !isMap(document.contents)) {
      continue;
    }
    if (typeof kind === 'string' && schema.$defs?.[kind]?.properties?.kind) {
      walk(schema, kind, document.contents, [], add);
    }
  }
  return problems;
}

type Add = (message: string, node?: Node) => void;

/** Looks at what stands at a path, and below. */
function walk(root: Schema, kind: string, node: unknown, path: Step[], add: Add) {
  const here = schemaAt(root, kind, path);
  if (!here || !isNode(node)) {
    return;
  }
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined) {
        continue;
      }
      if (here.properties && !(name in here.properties)) {
        add(unknown(name, Object.keys(here.properties)), key as Scalar);
      } else if (here.properties) {
        walk(root, kind, value, [...path, name], add);
      }
    }
    for (const name of here.required ?? []) {
      if (!node.has(name)) {
        add(`«${name}» is missing`, node);
      }
    }
  } else if (isSeq(node)) {
    node.items.forEach((item) => walk(root, kind, item, [...path, entry], add));
  } else if (isScalar(node)) {
    value(here, node, add);
  }
}

function value({ enum: words, const: only, type }: Schema, node: Scalar, add: Add) {
  const known = words ?? (only === undefined ? undefined : [only]);
  if (known && !known.includes(node.value)) {
    add(`«${String(node.value)}» is none of ${known.join(', ')}`, node);
  } else if (type === 'number' && typeof node.value !== 'number') {
    add(`«${String(node.value)}» is not a number`, node);
  }
}

function unknown(name: string, known: string[]): string {
  const near = known.find((one) => distance(one.toLowerCase(), name.toLowerCase()) <= Math.max(1, name.length / 4));
  return near ? `There is no field «${name}» here; did you mean ${near}?` : `There is no field «${name}» here`;
}

/** How many letters have to be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    row = row.reduce<number[]>((next, above, j) => {
      const changed = j === 0 ? i : row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      return [...next, j === 0 ? i : Math.min(changed, above + 1, next[j - 1] + 1)];
    }, []);
  }
  return row[b.length];
}
