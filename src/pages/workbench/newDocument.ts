import { stringify } from 'yaml';
import { type Measured } from './fromQuery';

/** The kinds that a form begins. */
export const formKinds = ['Agreement', 'Exclusion', 'Team', 'Calendar', 'Service', 'SLO'] as const;
export type FormKind = (typeof formKinds)[number];

/** Whether a form begins documents of that kind. */
export function isFormKind(kind: string | null): kind is FormKind {
  return formKinds.includes(kind as FormKind);
}

interface Named {
  name: string;
  displayName: string;
}

/** What an objective promises. */
export interface Promise {
  /** A ratio. */
  target: number;
  /** month, or a length such as 30d. */
  window: string;
}

/** How a threshold compares; only where a value is measured. */
export interface Limit {
  op: 'lt' | 'lte' | 'gt' | 'gte';
  value: number;
}

export interface NewAgreement extends Named, Promise {
  service: string;
  provider: string;
  consumers: string[];
  timeZone: string;
  supportHours: string;
  /** An SLO by name, or what is measured in place. */
  measures: { slo: string } | { measured: Measured; limit?: Limit };
}

export interface NewSLO extends Named, Promise {
  service: string;
  measured: Measured;
  limit?: Limit;
}

export interface NewExclusion extends Named {
  reason: string;
  category: string;
  services: string[];
  agreements: string[];
  /** Instants with their offsets, RFC 3339. */
  from: string;
  to: string;
  recurrence: string;
  timeZone: string;
  mode: 'exclude' | 'good';
  requestedBy: string;
  approvedBy?: string;
}

export interface NewTeam extends Named {
  members: string[];
  email: string;
}

export interface NewCalendar extends Named {
  timeZone: string;
  days: string[];
  from: string;
  to: string;
  country: string;
}

/** An agreement as text, of the stage draft: it promises nothing before both have read it. */
export function agreementText(a: NewAgreement): string {
  const objective = 'slo' in a.measures ? { slo: a.measures.slo } : inPlace(a.measures);
  return document('accord/v1', 'Agreement', a, {
    service: a.service,
    provider: a.provider,
    consumers: a.consumers,
    stage: 'draft',
    timeZone: a.timeZone,
    ...given({ supportHours: a.supportHours }),
    objectives: [{ name: 'objective', ...objective, target: a.target, window: agreedWindow(a.window) }],
  });
}

function inPlace({ measured, limit }: { measured: Measured; limit?: Limit }) {
  return { indicator: { spec: indicator(measured) }, ...limit };
}

export function sloText(s: NewSLO): string {
  return document('openslo/v1', 'SLO', s, {
    service: s.service,
    indicator: { metadata: { name: `${s.name}-sli` }, spec: indicator(s.measured) },
    timeWindow: [openSLOWindow(s.window)],
    budgetingMethod: 'Occurrences',
    objectives: [{ displayName: s.displayName || s.name, target: s.target, ...s.limit }],
  });
}

export function exclusionText(x: NewExclusion): string {
  return document('accord/v1', 'Exclusion', x, {
    reason: x.reason,
    category: x.category,
    ...given({ services: x.services, agreements: x.agreements }),
    from: x.from,
    to: x.to,
    ...given({ recurrence: x.recurrence }),
    timeZone: x.timeZone,
    mode: x.mode,
    ...given({ requestedBy: x.requestedBy, approvedBy: x.approvedBy ?? '' }),
  });
}

export function teamText(team: NewTeam): string {
  const contacts = team.email ? [{ name: `${team.name}-mail`, type: 'email', target: team.email }] : [];
  return document('accord/v1', 'Team', team, given({ members: team.members, contacts }));
}

export function calendarText(c: NewCalendar): string {
  return document('accord/v1', 'Calendar', c, {
    timeZone: c.timeZone,
    weekly: [{ days: c.days, from: c.from, to: c.to }],
    ...given({ holidays: c.country ? [{ country: c.country }] : [] }),
  });
}

export function serviceText(service: Named & { description: string }): string {
  return document('openslo/v1', 'Service', service, given({ description: service.description }));
}

function indicator(measured: Measured) {
  const source = (query: string) => ({ metricSource: { type: 'Prometheus', spec: { query } } });
  return measured.kind === 'threshold'
    ? { thresholdMetric: source(measured.value) }
    : { ratioMetric: { counter: true, [measured.kind]: source(measured.part), total: source(measured.total) } };
}

const calendarPeriods = ['day', 'week', 'month', 'quarter', 'year'];

function agreedWindow(window: string) {
  return calendarPeriods.includes(window) ? { calendar: window } : { rolling: window };
}

const openSLOUnits: Record<string, string> = { day: '1d', week: '1w', month: '1M', quarter: '1Q', year: '1Y' };

function openSLOWindow(window: string) {
  return window in openSLOUnits
    ? {
        duration: openSLOUnits[window],
        isRolling: false,
        // A period begins on such a day: weeks on a Monday.
        calendar: { startTime: `2026-01-${window === 'week' ? '05' : '01'} 00:00:00`, timeZone: 'UTC' },
      }
    : { duration: window, isRolling: true };
}

/** Without what is empty. */
function given(values: Record<string, string | unknown[]>) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value.length > 0));
}

function document(apiVersion: string, kind: string, { name, displayName }: Named, spec: object): string {
  const metadata = { name, ...given({ displayName }) };
  return stringify({ apiVersion, kind, metadata, spec }, { lineWidth: 0, flowCollectionPadding: false });
}

/** A name as the documents take it: lower case letters, digits and hyphens, at most 63. */
export function nameFrom(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}
