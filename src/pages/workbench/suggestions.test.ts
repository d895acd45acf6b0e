import schemaText from '../../../pkg/catalog/schema.json';
import { placeOf } from './place';
import { type Schema } from './schema';
import { suggestionsAt } from './suggestions';

const schema = schemaText as unknown as Schema;
const names = { Team: ['payments', 'checkout'], SLO: ['api-availability'], Contact: ['payments-oncall', 'payments'] };

function offered(text: string): string[] {
  const lines = text.split('\n');
  const place = placeOf(text, lines.length - 1, lines.at(-1)!.length);
  return suggestionsAt(schema, names, place).map((one) => one.text);
}

test('an empty text is begun with its head', () => {
  expect(offered('')).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  expect(offered('apiVersion: accord/v1\n')).toEqual(['kind', 'metadata', 'spec']);
  expect(offered('apiVersion: ')).toEqual(['accord/v1', 'openslo/v1']);
  expect(offered('kind: ')).toContain('Agreement');
});

test('names come from the schema of the kind, without those that stand there', () => {
  const got = offered('kind: Agreement\nspec:\n  provider: payments\n  ');
  expect(got).toEqual(expect.arrayContaining(['service', 'consumers', 'objectives']));
  expect(got).not.toContain('provider');
});

test('words and references are offered as values', () => {
  expect(offered('kind: Agreement\nspec:\n  stage: ')).toEqual(['draft', 'proposed', 'active', 'retired']);
  expect(offered('kind: Agreement\nspec:\n  provider: ')).toEqual(['payments', 'checkout']);
  expect(offered('kind: Agreement\nspec:\n  consumers: [')).toEqual(['payments', 'checkout']);
  expect(offered('kind: Agreement\nspec:\n  consumers:\n    - ')).toEqual(['payments', 'checkout']);
  expect(offered('kind: Agreement\nspec:\n  escalation:\n    - notify: ')).toEqual(['payments-oncall', 'payments']);
  expect(offered('kind: Agreement\nspec:\n  objectives:\n    - window: {calendar: ')).toContain('month');
  expect(offered('kind: Calendar\nspec:\n  weekly:\n    - days: [')).toContain('mon');
});

test('where nothing is known nothing is offered', () => {
  expect(offered('kind: Agreement\nspec:\n  nothing:\n    ')).toEqual([]);
  expect(offered('kind: Nothing\nspec:\n  ')).toEqual([]);
});
