import { Alert } from '@grafana/ui';
import { type Report } from '../api/types';
import { type Resource } from '../api/useResource';
import { count, plural } from './words';

/** Says what could not be measured, and why: the figures that are missing, or all of them. */
export function Unmeasured({ status }: { status: Resource<Report> }) {
  const trouble = troubleOf(status);
  return trouble ? (
    <Alert severity="error" title={trouble.title} buttonContent={'Try again'} onRemove={status.reload}>
      {trouble.why}
    </Alert>
  ) : null;
}

function troubleOf({ error, value }: Resource<Report>): { title: string; why: string } | undefined {
  if (error) {
    const title = value
      ? 'The figures are from before: they could not be renewed'
      : 'How the agreements stand is not known just now';
    return { title, why: error.message };
  }
  const all = value ? [...value.agreements, ...value.slos] : [];
  const failed = all.flatMap(({ objectives }) => objectives.filter((one) => one.error));
  return failed.length
    ? {
        title: plural(
          failed.length,
          `${count(failed.length)} objective could not be measured just now`,
          `${count(failed.length)} objectives could not be measured just now`,
        ),
        why: failed[0].error ?? '',
      }
    : undefined;
}
