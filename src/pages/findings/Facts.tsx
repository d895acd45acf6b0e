import { dateTime, formattedValueToString, getTimeZone, getValueFormat, makeTimeRange } from '@grafana/data';
import { Button, Field, Modal, Stack, Text, TimeRangeInput } from '@grafana/ui';
import { useState } from 'react';
import { callResource } from '../../api/client';
import { type Findings } from '../../api/types';
import { useChange } from '../../api/useResource';
import { absent, day } from '../../components/figures';
import { Failure } from '../../components/Loaded';
import { Section } from '../../components/Section';

/** The server, how it is counted and why, and the size of the cache. */
export function Facts({ findings: { connection, documents, cache } }: { findings: Findings }) {
  const { server, engine, version, method, readRefusal, oldest, resolution } = connection;
  const size = formattedValueToString(getValueFormat('bytes')(cache.bytes));
  const facts: Array<[name: string, value: string]> = [
    ['Prometheus', [engine, version, server].filter(Boolean).join(' ')],
    ['Method', [method ?? absent, readRefusal && `remote read is refused: ${readRefusal}`].filter(Boolean).join(', ')],
    ['Data since', oldest ? day(oldest) : absent],
    ['Resolution', resolution],
    ['Cache', [size, cache.problem ? `in memory alone: ${cache.problem}` : ''].filter(Boolean).join(', ')],
    ['Documents', documents],
  ];
  return (
    <Section title="Connection and cache">
      <Stack wrap="wrap" columnGap={3} rowGap={0.5}>
        {facts.map(([name, value]) => (
          <span key={name}>
            <Text color="secondary">{name}</Text> {value}
          </span>
        ))}
      </Stack>
      {cache.mayDrop && <DropCache />}
    </Section>
  );
}

/** Drops a part of the cache, after the history of Prometheus was backfilled or corrected. */
function DropCache() {
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  return (
    <div>
      <Button variant="secondary" size="sm" icon="history" onClick={() => setAsking(true)}>
        Drop cache
      </Button>
      {asking && (
        <Modal title="Drop cache" isOpen onDismiss={close}>
          <DropForm onDone={close} />
        </Modal>
      )}
    </div>
  );
}

function DropForm({ onDone }: { onDone: () => void }) {
  const [range, setRange] = useState(() => makeTimeRange(dateTime().subtract(1, 'day'), dateTime()));
  const { mutate, isPending, error } = useChange((uid) => {
    const times = new URLSearchParams({ from: range.from.toISOString(), to: range.to.toISOString() });
    return callResource(uid, `cache/drop?${times}`, { method: 'POST' });
  });
  return (
    <>
      <p>
        Counts older than ten minutes are not asked for again. After the history of Prometheus was filled in or
        corrected, drop those of that time: they are read again, which takes a while. No figure is lost.
      </p>
      <Field label="Time range" htmlFor="accord-drop">
        <TimeRangeInput timeZone={getTimeZone()} value={range} onChange={setRange} />
      </Field>
      {error && <Failure error={error} title="Nothing was dropped" />}
      <Modal.ButtonRow>
        <Button variant="secondary" fill="outline" onClick={onDone}>
          Cancel
        </Button>
        <Button variant="destructive" disabled={isPending} onClick={() => mutate(undefined, { onSuccess: onDone })}>
          Drop and read again
        </Button>
      </Modal.ButtonRow>
    </>
  );
}
