import { choices, matching, type Catalog } from './catalog';

const agreement = (name: string, provider: string, consumers: string[], objectives: string[], labels = {}) => ({
  name,
  displayName: `${name} in full`,
  service: `${provider}-api`,
  provider,
  consumers,
  labels,
  objectives: objectives.map((name) => ({ name })),
});

const catalog: Catalog = {
  agreements: [
    agreement('payments-for-checkout', 'payments', ['checkout'], ['availability', 'latency'], { tier: '1' }),
    agreement('search-for-storefront', 'search', ['storefront', 'mobile'], ['availability']),
  ],
  slos: [{ ...agreement('edge', '', [], ['availability']), provider: undefined, service: 'edge-gateway' }],
  services: [{ name: 'payments-api', displayName: 'Payments' }],
  teams: [{ name: 'payments', displayName: 'Payments team' }],
};

const names = (...args: Parameters<typeof matching>) => matching(...args).map((a) => a.name);

test.each([
  ['no filter keeps all', {}, ['payments-for-checkout', 'search-for-storefront', 'edge']],
  ['a name', { providers: ['payments'] }, ['payments-for-checkout']],
  ['one of several names', { consumers: ['checkout', 'mobile'] }, ['payments-for-checkout', 'search-for-storefront']],
  ['a regular expression anywhere in the name', { agreements: ['/^search/'] }, ['search-for-storefront']],
  ['different filters must all match', { providers: ['/./'], labels: ['tier=1'] }, ['payments-for-checkout']],
  [
    '«All» keeps what has no provider',
    { providers: ['/.*/'] },
    ['payments-for-checkout', 'search-for-storefront', 'edge'],
  ],
  ['half a regular expression keeps nothing', { agreements: ['/(/'] }, []],
])('%s', (_, filters, expected) => {
  expect(names(catalog, filters)).toEqual(expected);
});

test('names are offered once, sorted, with the words that people know', () => {
  expect(choices(catalog, 'objectives', {}).map((c) => c.value)).toEqual(['availability', 'latency']);
  expect(choices(catalog, 'services', {})).toEqual([
    { value: 'edge-gateway', label: 'edge-gateway' },
    { value: 'payments-api', label: 'payments-api', description: 'Payments' },
    { value: 'search-api', label: 'search-api' },
  ]);
  expect(choices(catalog, 'labels', {}).map((c) => c.value)).toEqual(['tier=1']);
});

test('choices are narrowed by the other filters, not by their own', () => {
  const chosen = { agreements: ['payments-for-checkout'], providers: ['payments'] };
  expect(choices(catalog, 'agreements', chosen).map((c) => c.value)).toEqual(['payments-for-checkout']);
  expect(choices(catalog, 'agreements', { agreements: ['payments-for-checkout'] })).toHaveLength(3);
});
