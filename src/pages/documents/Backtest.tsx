import { dateTime, getTimeZone, makeTimeRange } from '@grafana/data';
import { Alert, Button, Combobox, Field, Input, Stack, TimeRangeInput } from '@grafana/ui';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, lazy, Suspense, useId, useState } from 'react';
import { callResource, type ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type Backtest as Tried, type BacktestRequest, type Preview } from '../../api/types';
import { column, DataTable } from '../../components/DataTable';
import { absent, figure, instant } from '../../components/figures';
import { Section } from '../../components/Section';

// Lazy because Scenes are large, and most texts are saved without a backtest.
const BacktestChart = lazy(() => import('./BacktestChart'));

interface Props {
  /** The typed text, which is tested as a whole. */
  text: string;
  /** Whether the text has no errors. */
  ready: boolean;
  objectives: Preview['objectives'];
}

const last90Days = () => makeTimeRange(dateTime().subtract(90, 'days'), dateTime());

/** Tests an objective of a text on history: the budget over time, and the alerts that would have fired. */
export function Backtest({ text, ready, objectives }: Props) {
  const { uid } = useDataSource();
  const id = useId();
  const [asked, setAsked] = useState({ objective: 0, percent: '', window: '', range: last90Days() });
  const set = (change: Partial<typeof asked>) => setAsked({ ...asked, ...change });
  const objective = objectives[asked.objective] ? asked.objective : 0;
  const request: BacktestRequest = {
    ...objectives[objective],
    documents: text,
    from: asked.range.from.toISOString(),
    to: asked.range.to.toISOString(),
    ...(asked.percent && { target: Number((Number(asked.percent) / 100).toPrecision(12)) }),
    ...(asked.window && { window: asked.window }),
  };
  const test = useMutation<Tried, ResourceError, BacktestRequest>({
    mutationFn: (data) => callResource(uid, 'backtest', { method: 'POST', data }),
  });
  function run(event: FormEvent) {
    event.preventDefault();
    test.mutate(request);
  }
  return (
    <Section title="Backtest">
      <form onSubmit={run}>
        <Stack wrap="wrap" alignItems="flex-end">
          <Field noMargin label="Objective" htmlFor={`${id}-objective`}>
            <Combobox
              id={`${id}-objective`}
              width={40}
              options={objectives.map((one, value) => ({ value, label: `${one.agreement} / ${one.objective}` }))}
              value={objective}
              onChange={({ value }) => set({ objective: value })}
            />
          </Field>
          <Field noMargin label="Target in percent" htmlFor={`${id}-target`}>
            <Input
              id={`${id}-target`}
              width={16}
              type="number"
              min={0}
              max={100}
              step="any"
              placeholder="as written"
              value={asked.percent}
              onChange={(event) => set({ percent: event.currentTarget.value })}
            />
          </Field>
          <Field noMargin label="Window" htmlFor={`${id}-window`}>
            <Input
              id={`${id}-window`}
              width={16}
              placeholder="30d or month"
              value={asked.window}
              onChange={(event) => set({ window: event.currentTarget.value.trim() })}
            />
          </Field>
          <Field noMargin label="Range">
            <TimeRangeInput timeZone={getTimeZone()} value={asked.range} onChange={(range) => set({ range })} />
          </Field>
          <Button type="submit" icon="history" disabled={!ready || test.isPending}>
            {test.isPending ? 'Reading history…' : 'Run backtest'}
          </Button>
        </Stack>
      </form>
      <div aria-live="polite">
        {test.error && <Alert severity="error" title={test.error.message} />}
        {test.data && test.variables.documents !== text && <p>This is of an earlier text.</p>}
        {test.data && <Outcome backtest={test.data} />}
      </div>
    </Section>
  );
}

function Outcome({ backtest }: { backtest: Tried }) {
  return (
    <>
      {backtest.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      {backtest.groups.map((group, i) => (
        <section key={i}>
          <p>{group.text}</p>
          <Suspense>
            <BacktestChart backtest={backtest} group={group} />
          </Suspense>
          {group.fired && group.fired.length > 0 && (
            <DataTable
              columns={columns}
              list={{ rows: group.fired }}
              rowId={({ alert, from }) => `${alert} ${from}`}
              pageSize={10}
            />
          )}
        </section>
      ))}
    </>
  );
}

type FiredAlert = NonNullable<Tried['groups'][number]['fired']>[number];

const columns = [
  column<FiredAlert>('alert', 'Alert', ({ alert }) => alert),
  column<FiredAlert>('from', 'Fired', ({ from }) => instant(from)),
  column<FiredAlert>('to', 'Resolved', ({ to }) => (to ? instant(to) : absent)),
  column<FiredAlert>('burn', 'Highest burn rate', ({ peakBurn }) => figure(peakBurn, 'rate')),
  column<FiredAlert>('spent', 'Budget spent by then', ({ consumed }) => figure(consumed, 'ratio')),
];
