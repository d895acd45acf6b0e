import { isMap, isNode, parseDocument, stringify } from 'yaml';

/** The text of an exclusion with its approval: two lines more, all else as it was. */
export function approvedBy(text: string, team: string, on?: string): string {
  const document = parseDocument(text);
  const spec = document.get('spec', true);
  const last = isMap(spec) && !spec.flow ? spec.items.at(-1) : undefined;
  if (
    !isMap(spec) ||
    spec.has('approvedBy') ||
    spec.has('approvedOn') ||
    !last ||
    !isNode(last.value) ||
    !last.value.range
  ) {
    document.setIn(['spec', 'approvedBy'], team);
    if (on) {
      document.setIn(['spec', 'approvedOn'], on);
    } else {
      document.deleteIn(['spec', 'approvedOn']);
    }
    return document.toString({ lineWidth: 0 });
  }
  const first = isNode(spec.items[0].key) ? spec.items[0].key.range![0] : 0;
  const indent = text.slice(text.lastIndexOf('\n', first - 1) + 1, first);
  const lines = [`approvedBy: ${stringify(team).trim()}`, ...(on ? [`approvedOn: ${on}`] : [])]
    .map((line) => `${indent}${line}\n`)
    .join('');
  // Behind the line that the last value ends on, with its comment.
  const end = last.value.range[1];
  const next = text[end - 1] === '\n' ? end : text.indexOf('\n', end) + 1;
  return next > 0 ? text.slice(0, next) + lines + text.slice(next) : `${text}\n${lines}`;
}

/** The same exclusion as if nobody had approved it. */
export function unapproved(text: string): string {
  const document = parseDocument(text);
  document.deleteIn(['spec', 'approvedBy']);
  document.deleteIn(['spec', 'approvedOn']);
  return document.toString({ lineWidth: 0 });
}
