import { absent, figure } from './figures';

test.each([
  [null, 'ratio', absent],
  [undefined, 'rate', absent],
  ['+Inf', 'rate', '∞'],
  ['-Inf', 'ratio', '−∞'],
  [0.998, 'ratio', '99.8%'],
  [0.99977, 'ratio', '99.977%'],
  [1, 'ratio', '100%'],
  [-0.749, 'ratio', '-74.9%'],
  [0.29, 'ratio', '29%'],
  [0, 'rate', '0'],
  [0.000432, 'rate', '0.000432'],
  [22.3, 'rate', '22.3'],
  [1234567, 'events', '1,234,567'],
  [0.0004, 'slices', '0.0004'],
  [5400, 'seconds', '1.50 hours'],
] as const)('%s as %s is %s: as it was sent, never 0 or 100% by rounding', (value, kind, text) => {
  expect(figure(value, kind)).toBe(text);
});
