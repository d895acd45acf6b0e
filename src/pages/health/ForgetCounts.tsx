import { dateTime, type TimeRange } from '@grafana/data';
import { Alert, Button, Field, Modal, Stack, TimeRangeInput } from '@grafana/ui';
import { useState } from 'react';
import { callResource, type ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';

/** Makes remembered counts forgotten, for when the history of Prometheus was filled in or mended. */
export function ForgetCounts({ done }: { done: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="secondary" size="sm" icon="history" onClick={() => setOpen(true)}>
        {'Forget remembered counts'}
      </Button>
      {open && (
        <Dialog
          close={() => setOpen(false)}
          done={() => {
            setOpen(false);
            done();
          }}
        />
      )}
    </>
  );
}

function lastDay(): TimeRange {
  const [from, to] = [dateTime().subtract(1, 'day'), dateTime()];
  return { from, to, raw: { from, to } };
}

function Dialog({ close, done }: { close: () => void; done: () => void }) {
  const { uid } = useDataSource();
  const [range, setRange] = useState(lastDay);
  const [state, setState] = useState<'asking' | 'working' | ResourceError>('asking');
  const forget = async () => {
    setState('working');
    const params = { from: range.from.toISOString(), to: range.to.toISOString() };
    await callResource(uid, 'cache/drop', { method: 'POST', params }).then(done, setState);
  };
  return (
    <Modal title={'Forget remembered counts'} isOpen onDismiss={close}>
      <p>
        {
          'What was counted more than ten minutes ago is remembered and not asked for again. After the past of Prometheus was filled in or mended, forget that time: it is then read anew, which takes a while and costs Prometheus some work. No figure is lost.'
        }
      </p>
      <Field label={'Which time'} htmlFor="accord-forget">
        <TimeRangeInput value={range} onChange={setRange} />
      </Field>
      {typeof state === 'object' && (
        <Alert severity="error" title={'Nothing was forgotten'}>
          {state.message}
        </Alert>
      )}
      <Modal.ButtonRow>
        <Stack gap={1}>
          <Button variant="secondary" fill="outline" onClick={close}>
            {'Cancel'}
          </Button>
          <Button variant="primary" disabled={state === 'working'} onClick={forget}>
            {'Forget and read anew'}
          </Button>
        </Stack>
      </Modal.ButtonRow>
    </Modal>
  );
}
