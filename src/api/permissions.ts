import { config } from '@grafana/runtime';

/** Whether this user may do one of these, as Grafana names them: it leads others from such a page to its home. */
export function userMay(...actions: string[]): boolean {
  const permissions = config.bootData?.user?.permissions ?? {};
  return actions.some((action) => permissions[action]);
}
