import { config } from '@grafana/runtime';

/** Whether this user has one of these permissions; Grafana redirects others from such pages to its home. */
export function userMay(...actions: string[]): boolean {
  const permissions = config.bootData?.user?.permissions ?? {};
  return actions.some((action) => permissions[action]);
}
