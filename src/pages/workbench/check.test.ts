import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import schemaText from '../../../pkg/catalog/schema.json';
import { check } from './check';
import { type Schema } from './schema';

const schema = schemaText as unknown as Schema;
const told = (text: string) => check(text, schema).map((one) => `${one.line}:${one.column} ${one.message}`);

test.each([
  [
    'a field that there is not',
    'kind: Team\nspec:\n  memebers: [a]',
    '3:3 There is no field «memebers» here; did you mean members?',
  ],
  [
    'a word that there is not',
    'kind: Agreement\nspec:\n  stage: activ',
    '3:10 «activ» is none of draft, proposed, active, retired',
  ],
  ['text for a number', 'kind: Agreement\nspec:\n  objectives:\n    - target: high', '4:15 «high» is not a number'],
  [
    'in another document',
    'kind: Team\n---\nkind: Team\nspex: {}',
    '4:1 There is no field «spex» here; did you mean spec?',
  ],
])('%s is told with its place', (_, text, expected) => {
  expect(told(text)).toContain(expected);
});

test('what is no YAML is told with its place', () => {
  const [problem] = check('kind: Team\nspec: {members: [a', schema);
  expect(problem).toMatchObject({ line: 2, severity: 'error' });
});

test('what stands nowhere is told at the mapping where it should', () => {
  expect(told('apiVersion: accord/v1\nkind: Team')).toEqual(['1:1 «metadata» is missing', '1:1 «spec» is missing']);
});

test('a kind that is not known is left to the backend', () => {
  expect(told('kind: Nothing\nx: 1')).toEqual([]);
});

test('the documents of the example company are found to be in order', () => {
  const folder = path.resolve(__dirname, '../../../provisioning/slas');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.yaml'));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    expect({ file, problems: check(readFileSync(path.join(folder, file), 'utf8'), schema) }).toEqual({
      file,
      problems: [],
    });
  }
});
