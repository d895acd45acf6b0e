import { parser } from '@prometheus-io/lezer-promql';

/** What a document measures, as its PromQL is written. */
export type Measured =
  /** Counted events; good or bad is empty where it has to be filled in. */
  | { kind: 'good' | 'bad'; part: string; total: string }
  /** A value that is good while it compares with a limit. */
  | { kind: 'threshold'; value: string };

/** What somebody who made the draft should look at. */
export type Remark = 'part' | 'bucket' | 'variables';

export interface Draft {
  measured: Measured;
  remarks: Remark[];
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/** The bucket that is proposed for a latency, in seconds. */
const proposedBucket = '0.3';

/** Counters are recognized by their names where they stand without a rate. */
const counterName = /_(total|count)$/;

/** What the numerator of a ratio is most likely a count of. */
const soundsGood = /succ|good|ok|2\.\.|2xx|200/i;
const soundsBad = /err|fail|5\.\.|5xx|5\d\d|bad|timeout|drop|reject|unavail/i;

/**
 * What the query of a panel would be as an indicator: a ratio of two counts is
 * one as it is; a count is the total of one, whose bad part has to be filled
 * in; a histogram is a latency; anything else is a value with a limit.
 */
export function draftOf(query: string): Draft {
  // A window is filled in by Accord, whatever stands there.
  const text = query.replace(/\[\s*(\$\{?\w+(:\w+)?\}?|\{\{.*?\}\})\s*(:[^\]]*)?\]/g, '[5m]').trim();
  const measured = measure(text, query.trim());
  const remarks: Remark[] = [];
  if ('part' in measured && !measured.part) {
    remarks.push('part');
  }
  if ('part' in measured && measured.part.includes(`le="${proposedBucket}"`)) {
    remarks.push('bucket');
  }
  if (/\$\{?\w/.test(Object.values(measured).join(' '))) {
    remarks.push('variables');
  }
  return { measured, remarks };
}

function measure(text: string, original: string): Measured {
  const tree = parser.parse(text).topNode;
  const source = (node: Node) => text.slice(node.from, node.to);
  const { node, inverted } = essence(tree, source);

  const [numerator, denominator] = operands(node, 'Div');
  if (numerator && denominator) {
    const [part, total] = [count(numerator, source), count(denominator, source)];
    if (part && total) {
      // 1 − x / all is mostly an availability, so x is what went wrong.
      const bad = soundsBad.test(part) || (inverted && !soundsGood.test(part));
      return { kind: bad ? 'bad' : 'good', part, total };
    }
  }
  const bucket = selectors(node, source).find(({ name }) => name.endsWith('_bucket'));
  if (bucket) {
    return latency(bucket);
  }
  const total = count(node, source);
  return total ? { kind: 'bad', part: '', total } : { kind: 'threshold', value: original };
}

/** Without what only changes how a ratio is shown: parentheses, percent, 1 − …. */
function essence(tree: Node, source: (node: Node) => string): { node: Node; inverted: boolean } {
  let node = tree;
  let inverted = false;
  for (;;) {
    const [left, right] = children(node).filter(({ name }) => name.endsWith('Expr') || !isOperator(name));
    if (['PromQL', 'ParenExpr', 'StepInvariantExpr'].includes(node.name) && left) {
      node = left;
    } else if (has(node, 'Mul') && right?.name === 'NumberDurationLiteral') {
      node = left;
    } else if (has(node, 'Mul') && left?.name === 'NumberDurationLiteral') {
      node = right;
    } else if (has(node, 'Sub') && left && right && ['1', '100'].includes(source(left))) {
      node = right;
      inverted = !inverted;
    } else {
      return { node, inverted };
    }
  }
}

const isOperator = (name: string) => ['Mul', 'Sub', 'Div', 'Add'].includes(name);

const has = (node: Node, operator: string) =>
  node.name === 'BinaryExpr' && children(node).some(({ name }) => name === operator);

/** Both sides of an operator; none when it is another expression. */
function operands(node: Node, operator: string): Node[] {
  return has(node, operator)
    ? children(node).filter(({ name }) => !isOperator(name) && name !== 'MatchingModifierClause')
    : [];
}

function children(node: Node): Node[] {
  const all: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    all.push(child);
  }
  return all;
}

interface Selector {
  name: string;
  /** Without the name, with the braces; empty without matchers. */
  matchers: string;
  /** Whether it stands in rate, increase or the like. */
  counted: boolean;
}

function selectors(node: Node, source: (node: Node) => string): Selector[] {
  const found: Selector[] = [];
  node.cursor().iterate((at) => {
    if (at.name !== 'VectorSelector') {
      return;
    }
    const name = at.node.getChild('Identifier');
    const matchers = at.node.getChild('LabelMatchers');
    let counted = false;
    for (let up: Node | null = at.node; up && up.from >= node.from; up = up.parent) {
      counted ||= up.name === 'FunctionCall' && /^(rate|irate|increase)\b/.test(source(up));
    }
    found.push({ name: name ? source(name) : '', matchers: matchers ? source(matchers) : '', counted });
  });
  return found;
}

/** The count that an expression shows; undefined when it shows none. */
function count(node: Node, source: (node: Node) => string): string | undefined {
  const all = selectors(node, source);
  if (all.length === 0 || !all.every(({ name, counted }) => counted || counterName.test(name))) {
    return undefined;
  }
  if (all.length > 1) {
    return source(node);
  }
  // A grouping is said at the objective, not in the query.
  const [{ name, matchers }] = all;
  return `sum(rate(${name}${matchers}[5m]))`;
}

function latency({ name, matchers }: Selector): Measured {
  const inside = matchers
    .replace(/^\{|\}$/g, '')
    .replace(/,?\s*\ble\s*=~?\s*"[^"]*"/, '')
    .replace(/^,\s*/, '');
  const within = `{${[inside.trim(), `le="${proposedBucket}"`].filter(Boolean).join(', ')}}`;
  const around = inside.trim() ? `{${inside.trim()}}` : '';
  return {
    kind: 'good',
    part: `sum(rate(${name}${within}[5m]))`,
    total: `sum(rate(${name.replace(/_bucket$/, '_count')}${around}[5m]))`,
  };
}
