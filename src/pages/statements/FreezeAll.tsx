import { Alert, Button, ConfirmModal } from '@grafana/ui';
import { useState } from 'react';
import { useDataSource } from '../../api/DataSource';
import { type StatementList } from '../../api/types';
import { type Resource } from '../../api/useResource';
import { plural } from '../../components/words';
import { freezeMeans } from './FreezeButton';
import { type Period } from './periods';
import { freeze } from './resources';
import { type Row } from './rows';

interface Props {
  /** Those that are looked at. */
  rows: Row[];
  period: Period;
  list: Resource<StatementList>;
}

/** Freezes what is shown and can be frozen, one after the other, and tells of those that failed. */
export function FreezeAll({ rows, period, list }: Props) {
  const { uid } = useDataSource();
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState<number>();
  const [failed, setFailed] = useState<string[]>([]);
  const open = rows.filter(({ unfrozen }) => unfrozen?.closed);
  if (!list.value?.mayFreeze || (open.length < 2 && failed.length === 0)) {
    return null;
  }
  const run = async () => {
    setAsking(false);
    const failures: string[] = [];
    for (const [index, { agreement, title }] of open.entries()) {
      setDone(index);
      await freeze(uid, agreement.name, period.name).catch((error: Error) =>
        failures.push(`${title}: ${error.message}`),
      );
    }
    setDone(undefined);
    setFailed(failures);
    list.reload();
  };
  return (
    <>
      {open.length > 1 && (
        <Button icon="lock" disabled={done !== undefined} onClick={() => setAsking(true)}>
          {done === undefined
            ? plural(open.length, `Freeze ${open.length} agreement`, `Freeze ${open.length} agreements`)
            : `Freezing ${done + 1} of ${open.length} …`}
        </Button>
      )}
      {failed.length > 0 && (
        <Alert
          severity="error"
          title={plural(failed.length, '1 was not frozen', `${failed.length} were not frozen`)}
          onRemove={() => setFailed([])}
        >
          {failed.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </Alert>
      )}
      <ConfirmModal
        isOpen={asking}
        title={plural(
          open.length,
          `Freeze ${period.name} of ${open.length} agreement`,
          `Freeze ${period.name} of ${open.length} agreements`,
        )}
        body={freezeMeans()}
        confirmText={'Freeze'}
        confirmButtonVariant="primary"
        onConfirm={() => void run()}
        onDismiss={() => setAsking(false)}
      />
    </>
  );
}
