import { config } from '@grafana/runtime';
import { callResource, getResource, segment } from '../../api/client';
import { type StatementEntry, type Verification } from '../../api/types';

type Of = Pick<StatementEntry, 'period' | 'agreement' | 'number'>;

const pathOf = ({ period, agreement }: Of) => `statements/${segment(period)}/${segment(agreement)}`;

/** The forms that a statement is had in. */
export type Format = 'html' | 'json' | 'csv' | 'markdown';

/** Where a browser gets a statement in a form. */
export function addressOf(uid: string, of: Of, format: Format): string {
  const path = `/api/datasources/uid/${segment(uid)}/resources/${pathOf(of)}`;
  return `${config.appSubUrl ?? ''}${path}?${new URLSearchParams({ number: String(of.number), format })}`;
}

/** Counts the period anew and tells what differs from what was frozen. */
export function verify(uid: string, of: Of, signal: AbortSignal): Promise<Verification> {
  return getResource(uid, `${pathOf(of)}/verify`, { number: String(of.number) }, signal);
}

/** Freezes a period of an agreement; with a reason, in place of the statement there is. Only for Editors. */
export async function freeze(uid: string, agreement: string, period: string, reason?: string): Promise<void> {
  const data = { agreement, period, ...(reason !== undefined && { restate: true, reason }) };
  await callResource(uid, 'statements', { method: 'POST', data });
}
