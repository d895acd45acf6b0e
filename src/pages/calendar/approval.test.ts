import { parse } from 'yaml';
import { approvedBy, unapproved } from './approval';

const text = `# Why.
kind: Exclusion
spec:
  services: [api]   # all of it
  requestedBy: payments # asked
# about the next
`;

test('an approval is two lines more', () => {
  expect(approvedBy(text, 'checkout', '2026-11-26')).toBe(
    text.replace('# asked\n', '# asked\n  approvedBy: checkout\n  approvedOn: 2026-11-26\n'),
  );
});

test.each([
  ['without a newline at its end', 'kind: Exclusion\nspec:\n  requestedBy: payments'],
  ['with a list last', 'kind: Exclusion\nspec:\n    requestedBy: payments\n    services:\n      - api\n      - web\n'],
  ['with a text in lines last', 'kind: Exclusion\nspec:\n  requestedBy: payments\n  reason: |\n    one\n    two\n'],
  ['in braces', 'kind: Exclusion\nspec: {requestedBy: payments}\n'],
  ['approved before', 'kind: Exclusion\nspec:\n  approvedBy: other\n  requestedBy: payments\n'],
])('an exclusion %s can be approved', (_, before) => {
  const after = approvedBy(before, 'checkout');
  expect(parse(after)).toEqual({
    ...parse(before),
    spec: { ...parse(before).spec, approvedBy: 'checkout' },
  });
});

test('an approval is taken out', () => {
  expect(parse(unapproved(approvedBy(text, 'checkout', '2026-11-26')))).toEqual(parse(text));
});
