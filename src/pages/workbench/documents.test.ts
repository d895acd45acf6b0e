import { asFile, documentsIn, fileNameOf } from './documents';

test.each([
  ['one', 'kind: Team\nmetadata: {name: a}', [{ kind: 'Team', name: 'a' }]],
  ['several', 'kind: Team\nmetadata: {name: a}\n---\nkind: SLO\nmetadata:\n  name: "b/c?"\n', ['a', 'b/c?']],
  ['a list', '- kind: Team\n  metadata: {name: a}\n- kind: Team\n  metadata: {name: b}', ['a', 'b']],
  ['one without a name', 'kind: Team\nmetadata: {}\n', []],
  ['a half-written one', 'kind: Team\nmetadata: {name: [', []],
  ['names that are no text', 'kind: 1\nmetadata: {name: 2}', []],
  ['none', '# nothing\n', []],
])('%s', (_, text, expected) => {
  const found = documentsIn(text);
  expect(found.map((one, i) => (typeof expected[i] === 'string' ? one.name : one))).toEqual(expected);
});

test('aliases that would explode are not followed', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 0; i < 8; i++) {
    const [one, next] = ['abcdefghij'[i], 'abcdefghij'[i + 1]];
    bomb.push(`${next}: &${next} [${Array(10).fill(`*${one}`).join(', ')}]`);
  }
  expect(documentsIn(bomb.join('\n'))).toEqual([]);
});

test('a file ends with a line feed, and is called after its document', () => {
  expect(asFile('a: 1')).toBe('a: 1\n');
  expect(asFile('a: 1\n')).toBe('a: 1\n');
  expect(fileNameOf({ kind: 'Agreement', name: '../x' })).toBe('agreement----x.yaml');
});
