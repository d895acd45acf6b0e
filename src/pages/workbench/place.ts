import { entry, type Step } from './schema';

/** Where in the documents a cursor stands, told by the indentation, so that half-written text will do. */
export interface Place {
  /** Of the document; undefined while it has none. */
  kind: string | undefined;
  /** To the mapping or list that holds what is typed. */
  path: Step[];
  /** The name whose value is typed; undefined while a name is typed. */
  key: string | undefined;
  /** Names that stand in the same mapping already. */
  taken: string[];
  /** What is typed of the word so far. */
  word: string;
}

interface Line {
  /** Columns of the dashes before the name. */
  dashes: number[];
  /** Column of the name, or of what stands there in its place. */
  indent: number;
  key: string | undefined;
  value: string;
}

/** The place of a cursor; `line` counts from 0, `column` is the number of characters before it. */
export function placeOf(text: string, line: number, column: number): Place {
  const all = text.split(/\r?\n/);
  const first = all.slice(0, line).findLastIndex((one) => /^---(\s|$)/.test(one)) + 1;
  const end = all.findIndex((one, i) => i > line && /^---(\s|$)/.test(one));
  const lines = all.slice(first, end < 0 ? undefined : end);
  const kind = lines.map((one) => /^kind:\s*["']?([A-Za-z]+)/.exec(one)?.[1]).find(Boolean);
  const here = lines.slice(0, line - first).map(parse);
  const typed = parse((lines[line - first] ?? '').slice(0, column));
  const below = lines.slice(line - first + 1).map(parse);

  const path = [...above(here, typed), ...typed.dashes.map(() => entry as Step)];
  const flow = inFlow(typed.value);
  if (typed.key !== undefined && flow.depth > 0) {
    return { kind, path: [...path, typed.key, ...flow.path], key: flow.key, taken: flow.taken, word: flow.word };
  }
  return { kind, path, key: typed.key, taken: neighbours(here, typed, below), word: typed.value };
}

function parse(text: string): Line {
  const dashes: number[] = [];
  let at = text.search(/\S|$/);
  while (/^-(\s|$)/.test(text.slice(at))) {
    dashes.push(at);
    at += 1;
    at += text.slice(at).search(/\S|$/);
  }
  const rest = text.slice(at);
  const [, key, value] = /^["']?([^\s"'#:{}[\],][^"':{}[\],]*)["']?\s*:(?:\s+(.*)|)$/.exec(rest) ?? [];
  return { dashes, indent: at, key, value: key === undefined ? rest : (value ?? '') };
}

const blank = ({ key, value, dashes }: Line) =>
  key === undefined && dashes.length === 0 && (value === '' || value.startsWith('#'));

/** The names and entries that a line stands under. */
function above(lines: Line[], typed: Line): Step[] {
  const path: Step[] = [];
  // What holds an entry may stand in the column of its dash, what holds a name may not.
  let limit = typed.dashes[0] ?? typed.indent;
  let listed = typed.dashes.length > 0;
  for (const line of lines.toReversed().filter((one) => !blank(one))) {
    const holds = line.key !== undefined && line.value.replace(/\s*#.*$/, '') === '';
    if (holds && (line.indent < limit || (listed && line.indent === limit && line.dashes.length === 0))) {
      path.unshift(line.key!);
      limit = line.indent;
      listed = false;
    }
    const dash = line.dashes.find((at) => at < limit);
    if (dash !== undefined && !listed) {
      path.unshift(...line.dashes.filter((at) => at < limit).map((): Step => entry));
      limit = line.dashes[0];
      listed = true;
    }
  }
  return path;
}

/** The names in the mapping that the typed line is part of. */
function neighbours(before: Line[], typed: Line, after: Line[]): string[] {
  const taken: string[] = [];
  const collect = (lines: Line[], backwards: boolean) => {
    for (const line of lines.filter((one) => !blank(one))) {
      const start = line.dashes.length > 0 && line.indent === typed.indent;
      if (line.indent < typed.indent || (start && !backwards)) {
        return;
      }
      if (line.indent === typed.indent && line.key !== undefined) {
        taken.push(line.key);
      }
      if (start || line.dashes.some((at) => at < typed.indent)) {
        return;
      }
    }
  };
  if (typed.dashes.length === 0) {
    collect(before.toReversed(), true);
  }
  collect(after, false);
  return taken;
}

interface Flow {
  depth: number;
  path: Step[];
  key: string | undefined;
  taken: string[];
  word: string;
}

/** The place in `{…}` and `[…]` within a line. */
function inFlow(value: string): Flow {
  const open: Array<{ list: boolean; key: string | undefined; taken: string[] }> = [];
  let word = '';
  for (const character of value) {
    const inside = open.at(-1);
    if (character === '{' || character === '[') {
      open.push({ list: character === '[', key: undefined, taken: [] });
      word = '';
    } else if (character === '}' || character === ']') {
      open.pop();
      word = '';
    } else if (character === ',' && inside) {
      inside.key = undefined;
      word = '';
    } else if (character === ':' && inside && !inside.list && inside.key === undefined) {
      inside.key = word.trim();
      inside.taken.push(inside.key);
      word = '';
    } else {
      word += character;
    }
  }
  const path = open.flatMap(({ list, key }, i): Step[] => {
    const within: Step[] = list ? [entry] : [];
    return i < open.length - 1 && key !== undefined ? [...within, key] : within;
  });
  const last = open.at(-1);
  return { depth: open.length, path, key: last?.key, taken: last?.taken ?? [], word: word.trim() };
}
