import { readFileSync } from 'node:fs';
import path from 'node:path';
import { exclusionText, nameFrom } from './newDocument';

// The backend reads the same file without a complaint: see pkg/catalog.
const scaffold: Record<string, string> = {
  'exclusion.yaml': exclusionText({
    name: 'upgrade',
    displayName: '',
    reason: 'Upgrade: "the big one" #1',
    category: 'maintenance',
    services: [],
    agreements: ['payments-for-shop'],
    from: '2026-11-08T02:00:00+01:00',
    to: '2026-11-08T04:00:00+01:00',
    recurrence: 'FREQ=MONTHLY;BYDAY=2SU',
    timeZone: 'Europe/Berlin',
    mode: 'exclude',
    requestedBy: 'payments',
    approvedBy: 'shop',
  }),
};

test.each(Object.keys(scaffold))('%s is as people would write it', (file) => {
  expect(scaffold[file]).toBe(readFileSync(path.resolve(__dirname, '../../../testdata/scaffold', file), 'utf8'));
});

test.each([
  ['Payments API for Checkout', 'payments-api-for-checkout'],
  ['  Übergröße & Co. ', 'ubergro-e-co'],
  ['x'.repeat(80), 'x'.repeat(63)],
  ['???', ''],
])('«%s» becomes a name', (text, name) => {
  expect(nameFrom(text)).toBe(name);
});
