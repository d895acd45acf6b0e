import { type QueryType } from './types';

interface About {
  label: string;
  /** What the answer is, in one line. */
  description: string;
  /** An alert rule can have a threshold on it: it gives numbers or series. */
  alerting: boolean;
}

/** The query types in the order in which they are offered. */
export const queryTypes: Record<QueryType, About> = {
  status: {
    label: 'Status',
    description: 'A row per objective: state, compliance, budget left, burn rates',
    alerting: false,
  },
  compliance: {
    label: 'Compliance',
    description: 'Share of good events in the window, over time, with the target',
    alerting: true,
  },
  budget: { label: 'Error budget', description: 'What is left of the error budget, over time', alerting: true },
  burnRate: { label: 'Burn rate', description: 'How fast the error budget burns, over time', alerting: true },
  alert: { label: 'Alert', description: 'A number per objective and severity: above 1 fires', alerting: true },
  sli: { label: 'SLI', description: 'Share of good events in each step, over time', alerting: true },
  events: {
    label: 'Good and bad events',
    description: 'What was good and what was bad in each step, over time',
    alerting: true,
  },
  history: { label: 'History', description: 'A row per objective and period', alerting: false },
  incidents: { label: 'Incidents', description: 'When error budgets burned, and how much it took', alerting: false },
  exclusions: {
    label: 'Exclusions',
    description: 'Time that was agreed not to count, past and planned',
    alerting: false,
  },
  agreements: { label: 'Agreements', description: 'The catalog: who promised what to whom', alerting: false },
};
