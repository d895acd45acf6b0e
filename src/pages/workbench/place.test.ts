import { placeOf } from './place';
import { entry } from './schema';

/** The place of the | in a text. */
function place(text: string) {
  const [before] = text.split('|');
  const lines = before.split('\n');
  return placeOf(text.replace('|', ''), lines.length - 1, lines.at(-1)!.length);
}

test.each([
  ['the first name', 'kind: Team\n|', { path: [], key: undefined }],
  ['a name below another', 'kind: Team\nmetadata:\n  na|', { path: ['metadata'], key: undefined, word: 'na' }],
  ['a value', 'kind: Agreement\nspec:\n  stage: dr|', { path: ['spec'], key: 'stage', word: 'dr' }],
  ['a name in an entry', 'spec:\n  objectives:\n    - name: a\n      tar|', { path: ['spec', 'objectives', entry] }],
  ['the first name of an entry', 'spec:\n  objectives:\n    - |', { path: ['spec', 'objectives', entry] }],
  [
    'an entry in the column of its list',
    'spec:\n  objectives:\n  - name: a\n    |',
    { path: ['spec', 'objectives', entry] },
  ],
  ['after a deeper part', 'spec:\n  review:\n    every: 90d\n  |', { path: ['spec'] }],
  [
    'in an entry of an entry',
    'spec:\n  objectives:\n    - name: a\n      revisions:\n        - from: x\n          |',
    { path: ['spec', 'objectives', entry, 'revisions', entry] },
  ],
  ['in a flow mapping', 'spec:\n  review: {every: 90d, la|', { path: ['spec', 'review'], key: undefined, word: 'la' }],
  ['a value in a flow mapping', 'spec:\n  window: {calendar: |', { path: ['spec', 'window'], key: 'calendar' }],
  ['an entry of a flow list', 'spec:\n  consumers: [a, |', { path: ['spec', 'consumers', entry], key: undefined }],
  ['comments and empty lines between', 'spec:\n  # about\n\n  review: # of it\n    |', { path: ['spec', 'review'] }],
])('%s', (_, text, expected) => {
  expect(place(text)).toMatchObject(expected);
});

test('names in the same mapping are taken, those of others are not', () => {
  expect(place('spec:\n  a: 1\n  |\n  b:\n    c: 1\nd: 2').taken.sort()).toEqual(['a', 'b']);
  expect(place('spec:\n  list:\n    - a: 1\n    - b: 1\n      |\n      c: 1\n    - d: 1').taken.sort()).toEqual([
    'b',
    'c',
  ]);
  expect(place('spec: {a: 1, |').taken).toEqual(['a']);
});

test('each document has its own kind', () => {
  expect(place('kind: Team\n---\nkind: Agreement\n|').kind).toBe('Agreement');
  expect(place('kind: Team\n|\n---\nkind: Agreement').kind).toBe('Team');
  expect(place('|').kind).toBeUndefined();
});
