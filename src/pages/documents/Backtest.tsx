import { dateTime, makeTimeRange, type TimeRange } from '@grafana/data';
import {
  Alert,
  Button,
  type Column,
  Combobox,
  Field,
  Input,
  InteractiveTable,
  Stack,
  Text,
  TimeRangeInput,
} from '@grafana/ui';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useId, useMemo } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { callResource, type ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type Backtest as Tried, type BacktestRequest, type Preview } from '../../api/types';
import { absent, figure, instant } from '../../components/figures';

// Scenes are large, and most texts are saved without a backtest.
const BacktestChart = lazy(() => import('./BacktestChart'));

interface Props {
  /** The typed text, which is tried as a whole; it has no errors. */
  text: string;
  objectives: Preview['objectives'];
}

interface Asked {
  /** The place in the list of objectives. */
  objective: number;
  /** In percent; empty: as written. */
  target: string;
  /** Such as 30d or month; empty: as written. */
  window: string;
  range: TimeRange;
}

const last90Days = () => {
  const to = dateTime();
  return makeTimeRange(dateTime(to).subtract(90, 'days'), to);
};

/** How an objective that a text concerns would have done: the budget over time, and the alerts that would have fired. */
export function Backtest({ text, objectives }: Props) {
  const { uid } = useDataSource();
  const id = useId();
  const form = useForm<Asked>({ defaultValues: { objective: 0, target: '', window: '', range: last90Days() } });
  const { errors } = form.formState;
  const test = useMutation<Tried, ResourceError, Asked>({
    mutationFn: async ({ objective, target, window, range }) => {
      const data: BacktestRequest = {
        ...objectives[objective],
        documents: text,
        from: range.from.toISOString(),
        to: range.to.toISOString(),
        ...(target && { target: percentToRatio(target) }),
        ...(window && { window }),
      };
      return (await callResource<Tried>(uid, 'backtest', { method: 'POST', data })).data;
    },
  });
  const options = objectives.map((one, value) => ({ value, label: `${one.agreement} / ${one.objective}` }));
  return (
    <section aria-label="Backtest">
      <h2>
        <Text variant="h5">Backtest</Text>
      </h2>
      <form onSubmit={(event) => void form.handleSubmit((asked) => test.mutate(asked))(event)}>
        <Stack wrap="wrap" alignItems="flex-end">
          <Field noMargin label="Objective" htmlFor={`${id}-objective`}>
            <Controller
              name="objective"
              control={form.control}
              render={({ field: { value, onChange } }) => (
                <Combobox
                  id={`${id}-objective`}
                  width={40}
                  options={options}
                  value={options[value] ? value : 0}
                  onChange={(option) => onChange(option.value)}
                />
              )}
            />
          </Field>
          <Field
            noMargin
            label="Target in percent"
            htmlFor={`${id}-target`}
            invalid={!!errors.target}
            error={errors.target?.message}
          >
            <Input
              id={`${id}-target`}
              width={16}
              inputMode="decimal"
              placeholder="as written"
              {...form.register('target', { validate: isTarget })}
            />
          </Field>
          <Field noMargin label="Window" htmlFor={`${id}-window`}>
            <Input id={`${id}-window`} width={16} placeholder="30d or month" {...form.register('window')} />
          </Field>
          <Field noMargin label="Range">
            <Controller
              name="range"
              control={form.control}
              render={({ field: { value, onChange } }) => <TimeRangeInput value={value} onChange={onChange} />}
            />
          </Field>
          <Button type="submit" icon="history" disabled={test.isPending}>
            {test.isPending ? 'Reading history…' : 'Run backtest'}
          </Button>
        </Stack>
      </form>
      <div aria-live="polite">
        {test.error && (
          <Alert severity="error" title="The backtest could not be made">
            {test.error.message}
          </Alert>
        )}
        {test.data && <Outcome backtest={test.data} />}
      </div>
    </section>
  );
}

const percentToRatio = (text: string) =>
  Number((Number(text.replace(',', '.').replace('%', '')) / 100).toPrecision(12));

const isTarget = (text: string) =>
  text === '' || (percentToRatio(text) > 0 && percentToRatio(text) <= 1) || 'A target is above 0 and at most 100';

function Outcome({ backtest }: { backtest: Tried }) {
  return (
    <Stack direction="column" gap={2}>
      {backtest.notes.map((note) => (
        <Text key={note}>{note}</Text>
      ))}
      {backtest.groups.map((group) => {
        const name = Object.entries(group.group)
          .map(([label, value]) => `${label}=${value}`)
          .join(', ');
        return (
          <section key={name} aria-label={name || backtest.objective}>
            {name && <Text variant="h6">{name}</Text>}
            <p>{group.text}</p>
            <Suspense>
              <BacktestChart backtest={backtest} group={group} />
            </Suspense>
            <Fired alerts={group.fired ?? []} timeZone={backtest.timeZone} />
          </section>
        );
      })}
    </Stack>
  );
}

type FiredAlert = NonNullable<Tried['groups'][number]['fired']>[number];

function Fired({ alerts, timeZone }: { alerts: FiredAlert[]; timeZone?: string }) {
  const columns = useMemo(
    (): Array<Column<FiredAlert>> => [
      { id: 'alert', header: 'Alert', cell: ({ row }) => row.original.alert },
      { id: 'from', header: 'Fired', cell: ({ row }) => instant(row.original.from, timeZone) },
      {
        id: 'to',
        header: 'Resolved',
        cell: ({ row }) => (row.original.to ? instant(row.original.to, timeZone) : absent),
      },
      { id: 'burn', header: 'Highest burn rate', cell: ({ row }) => figure(row.original.peakBurn, 'rate') },
      { id: 'spent', header: 'Budget spent by then', cell: ({ row }) => figure(row.original.consumed, 'ratio') },
    ],
    [timeZone],
  );
  return alerts.length === 0 ? null : (
    <div style={{ overflowX: 'auto' }}>
      <InteractiveTable columns={columns} data={alerts} getRowId={(one) => `${one.alert} ${one.from}`} pageSize={10} />
    </div>
  );
}
