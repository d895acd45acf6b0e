import { type AgreementStatus, type Catalog, type ObjectiveStatus, type Report, type Summary } from '../api/types';

/** An agreement in the catalog, active and without objectives unless it is said otherwise. */
export function summary(name: string, more: Partial<Summary> = {}): Summary {
  return {
    name,
    stage: 'active',
    service: 'payments-api',
    provider: 'payments',
    consumers: ['checkout'],
    labels: {},
    objectives: [{ name: 'availability', target: 0.99, window: '30d', budgeting: 'Occurrences' }],
    reviewDue: null,
    ...more,
  };
}

/** The figures of an objective that keeps its promise: 40 of 100 events bad, unless it is said otherwise. */
export function figures(name: string, more: Partial<ObjectiveStatus> = {}): ObjectiveStatus {
  return {
    name,
    group: {},
    state: 'met',
    from: '2026-10-24T12:00:00Z',
    to: '2026-11-23T12:00:00Z',
    window: '30d',
    unit: 'events',
    target: 0.99,
    total: 10_000,
    bad: 40,
    compliance: 0.996,
    allowed: 100,
    consumed: 0.4,
    remaining: 0.6,
    projected: null,
    coverage: 1,
    measuredUntil: '2026-11-23T12:00:00Z',
    remarks: [],
    burn: { '5m': 0.4, '1h': 0.4, '6h': 0.4, '3d': 0.4 },
    exhaustion: null,
    raw: { total: 10_000, bad: 40, compliance: 0.996 },
    error: null,
    ...more,
  };
}

/** The figures of an objective of which nothing is known. */
export function unknown(name: string, more: Partial<ObjectiveStatus> = {}): ObjectiveStatus {
  return figures(name, {
    state: 'no_data',
    total: null,
    bad: null,
    compliance: null,
    allowed: null,
    consumed: null,
    remaining: null,
    coverage: 0,
    measuredUntil: null,
    burn: null,
    raw: { total: null, bad: null, compliance: null },
    ...more,
  });
}

/** A catalog of these agreements. */
export function catalogOf(agreements: Summary[], more: Partial<Catalog> = {}): Catalog {
  return {
    agreements,
    slos: [],
    services: [],
    teams: [],
    calendars: [],
    exclusions: [],
    problems: [],
    documents: agreements.length,
    ...more,
  };
}

/** A report with the figures of these agreements. */
export function reportOf(
  agreements: Array<Pick<AgreementStatus, 'name' | 'state' | 'objectives'>>,
  more: Partial<Report> = {},
): Report {
  return {
    at: '2026-11-23T12:00:00Z',
    method: 'anchored',
    engine: 'Prometheus',
    resolution: '5m',
    agreements: agreements.map((one) => ({ stage: 'active', service: '', provider: '', consumers: [], ...one })),
    slos: [],
    problems: [],
    ...more,
  };
}
