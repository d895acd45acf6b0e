import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  agreementText,
  calendarText,
  exclusionText,
  nameFrom,
  serviceText,
  sloText,
  teamText,
  type NewAgreement,
} from './newDocument';

const agreement: NewAgreement = {
  name: 'payments-for-shop',
  displayName: 'Payments: for Shop',
  service: 'payments-api',
  provider: 'payments',
  consumers: ['shop'],
  timeZone: 'Europe/Berlin',
  supportHours: 'office',
  target: 0.995,
  window: 'month',
  measures: { slo: 'availability' },
};

const bad = {
  kind: 'bad',
  part: 'sum(rate(http_requests_total{code=~"5.."}[5m]))',
  total: 'sum(rate(http_requests_total[5m]))',
} as const;

// The backend reads the same files without a complaint: see pkg/catalog.
const scaffold: Record<string, string> = {
  'agreement.yaml': agreementText(agreement),
  'agreement-in-place.yaml': agreementText({
    ...agreement,
    name: 'queue-for-shop',
    supportHours: '',
    window: '30d',
    measures: { measured: { kind: 'threshold', value: 'avg(queue_length)' }, limit: { op: 'lt', value: 100 } },
  }),
  'slo.yaml': sloText({
    name: 'availability',
    displayName: '',
    service: 'payments-api',
    target: 0.99,
    window: 'week',
    measured: bad,
  }),
  'service.yaml': serviceText({ name: 'payments-api', displayName: 'Payments API', description: '' }),
  'team.yaml': teamText({
    name: 'payments',
    displayName: 'Payments',
    members: ['anna'],
    email: 'payments@example.org',
  }),
  'team-empty.yaml': teamText({ name: 'shop', displayName: '', members: [], email: '' }),
  'calendar.yaml': calendarText({
    name: 'office',
    displayName: '',
    timeZone: 'Europe/Berlin',
    days: ['mon', 'fri'],
    from: '08:00',
    to: '24:00',
    country: 'DE',
  }),
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

test('what is typed into a form stays a value', () => {
  const text = teamText({
    name: 'a',
    displayName: '"}\nspec: {members: [eve]}\n---\n# <script>',
    members: [],
    email: '',
  });
  expect(text).not.toMatch(/^spec: \{members/m);
});

test.each([
  ['Payments API for Checkout', 'payments-api-for-checkout'],
  ['  Übergröße & Co. ', 'ubergro-e-co'],
  ['x'.repeat(80), 'x'.repeat(63)],
  ['???', ''],
])('«%s» becomes a name', (text, name) => {
  expect(nameFrom(text)).toBe(name);
});
