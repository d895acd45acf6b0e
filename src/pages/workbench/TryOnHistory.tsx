import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, Combobox, Field, Input, LoadingPlaceholder, Stack, useStyles2 } from '@grafana/ui';
import { useId, useState } from 'react';
import { callResource, ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type Backtest, type BacktestRequest, type BacktestSide, type Catalog, type Preview } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Section } from '../../components/Section';
import { Term } from '../../components/Term';
import { duration, groupWords, instant, percent, rate, share } from '../../components/words';
import { plural } from '../../components/words';
import { AlertChecks } from './AlertChecks';
import { BudgetChart } from './BudgetChart';
import { documentsIn } from './documents';
import { isSame } from './useDocumentEditor';

interface Props {
  /** The typed text, which is tried as a whole; it has no errors. */
  text: string;
  preview: Preview;
}

/** The objectives that a text concerns, tried on history: the budget over time, and the alerts that would have come. */
export function TryOnHistory({ text, preview }: Props) {
  const { uid } = useDataSource();
  const id = useId();
  const [asked, setAsked] = useState({ objective: '', target: '', window: '' });
  const [answer, setAnswer] = useState<{ of: string; value?: Backtest; error?: ResourceError }>();
  const [busy, setBusy] = useState(false);

  const catalog = useResource<Catalog>('catalog').value;
  const choices = objectivesOf(text, preview, catalog).map((one) => ({
    value: JSON.stringify(one),
    label: one.join(' / '),
  }));
  const chosen = choices.find(({ value }) => value === asked.objective) ?? choices[0];
  if (!chosen) {
    return null;
  }
  const target = Number(asked.target.replace(',', '.').replace('%', '')) / 100;
  const isTarget = asked.target.trim() === '' || (target > 0 && target <= 1);
  const window = asked.window.trim();

  async function run() {
    const [agreement, objective] = JSON.parse(chosen.value) as [string, string];
    const data: BacktestRequest = { agreement, objective, documents: text };
    if (asked.target.trim()) {
      data.target = Number(target.toPrecision(12));
    }
    if (window) {
      data.window = window;
    }
    setBusy(true);
    try {
      setAnswer({ of: text, value: (await callResource<Backtest>(uid, 'backtest', { method: 'POST', data })).data });
    } catch (error) {
      setAnswer({ of: text, error: error as ResourceError });
    }
    setBusy(false);
  }

  return (
    <Section title={'Try on history'}>
      <p>
        {
          'How the last 90 days would have gone: the error budget day by day, each alert that would have fired, and the target that could have been held.'
        }
      </p>
      <Stack wrap="wrap" alignItems="flex-end">
        <Field noMargin label={'Objective'} htmlFor={`${id}-objective`}>
          <Combobox
            id={`${id}-objective`}
            width={40}
            options={choices}
            value={chosen.value}
            onChange={({ value }) => setAsked({ ...asked, objective: value })}
          />
        </Field>
        <Field
          noMargin
          label={'Another target, in percent'}
          invalid={!isTarget}
          error={'A target lies above 0 and at most at 100'}
          htmlFor={`${id}-target`}
        >
          <Input
            id={`${id}-target`}
            width={16}
            inputMode="decimal"
            value={asked.target}
            placeholder={'as written'}
            onChange={(event) => setAsked({ ...asked, target: event.currentTarget.value })}
          />
        </Field>
        <Field noMargin label={'Another window'} htmlFor={`${id}-window`}>
          <Input
            id={`${id}-window`}
            width={16}
            value={asked.window}
            placeholder={'30d or month'}
            onChange={(event) => setAsked({ ...asked, window: event.currentTarget.value })}
          />
        </Field>
        <Button icon="history" disabled={busy || !isTarget} onClick={() => void run()}>
          {'Try'}
        </Button>
      </Stack>
      <div aria-live="polite">
        {busy && <LoadingPlaceholder text={'Reading history…'} />}
        {answer?.error && (
          <Alert severity="error" title={'It could not be tried'}>
            {answer.error.message}
          </Alert>
        )}
        {answer?.value && answer.of !== text && <p>{'This is of an earlier text; try again for what is typed now.'}</p>}
        {answer?.value && <Outcome backtest={answer.value} />}
      </div>
    </Section>
  );
}

/** Those that the text would change, and those of the text itself; each as agreement and objective. */
function objectivesOf(
  text: string,
  preview: Preview,
  catalog?: Catalog,
): Array<[agreement: string, objective: string]> {
  const own = documentsIn(text);
  const all = [
    ...preview.agreements.map(({ name, after }) => ({ name, objectives: after?.last90Days.objectives ?? [] })),
    ...(catalog?.agreements ?? []).filter((one) => own.some((id) => isSame(id, { kind: 'Agreement', name: one.name }))),
    ...(catalog?.slos ?? []).filter((one) => own.some((id) => isSame(id, { kind: 'SLO', name: one.name }))),
  ];
  // The first of an agreement is as it would be; the catalog may have objectives that the text has not.
  const names = new Map(all.toReversed().map(({ name, objectives }) => [name, objectives]));
  return [...names].flatMap(([name, objectives]) =>
    [...new Set(objectives.map((one) => one.name))].map((objective): [string, string] => [name, objective]),
  );
}

function Outcome({ backtest }: { backtest: Backtest }) {
  const styles = useStyles2(getStyles);
  return (
    <>
      {backtest.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      {backtest.groups.map(({ group, present, proposed }) => {
        const name = groupWords(group);
        const side = proposed ?? present;
        return (
          <div key={name} className={styles.group}>
            {name && <h3 className={styles.title}>{name}</h3>}
            <p>{sentences(present, proposed).join(' ')}</p>
            <BudgetChart
              present={present?.budget}
              proposed={proposed?.budget}
              label={`Error budget left over time. ${sentences(present, proposed).join(' ')}`}
            />
            {side && <Alerts side={side} />}
            {side && <AlertChecks checks={side.checks} unit={backtest.unit} />}
          </div>
        );
      })}
    </>
  );
}

/** What the history says, in sentences. */
function sentences(present: BacktestSide | null, proposed: BacktestSide | null): string[] {
  const side = proposed ?? present;
  if (!side) {
    return [];
  }
  const times = (one: BacktestSide) => plural(one.alerts.length, '1 alert', `${one.alerts.length} alerts`);
  const other = proposed && present ? present : undefined;
  return [
    other && other.alerts.length !== side.alerts.length
      ? `${times(side)} would have fired instead of ${times(other)}.`
      : `${times(side)} would have fired.`,
    side.lowestAt ? `The least budget that was ever left is ${share(side.lowest)}, on ${instant(side.lowestAt)}.` : '',
    side.breachedSeconds > 0
      ? `The promise would have been broken for ${duration(side.breachedSeconds)}.`
      : 'The promise would have been kept all the time.',
    held(side),
  ].filter(Boolean);
}

function held({ held: { windows, target, compliance, reason } }: BacktestSide): string {
  return target === null
    ? `No target can be proposed: ${reason ?? ''}.`
    : `In 99 % of ${windows} past windows at least ${percent(compliance)} was good: a target of ${percent(target)} could have been held.`;
}

function Alerts({ side: { alerts } }: { side: BacktestSide }) {
  const styles = useStyles2(getStyles);
  if (alerts.length === 0) {
    return null;
  }
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption>{'Alerts that would have fired'}</caption>
        <thead>
          <tr>
            <th scope="col">{'Began'}</th>
            <th scope="col">{'Lasted'}</th>
            <th scope="col">{'Severity'}</th>
            <th scope="col">{'Over'}</th>
            <th scope="col">
              <Term name="burnRate">{'Highest burn rate'}</Term>
            </th>
            <th scope="col">{'Budget spent by then'}</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert, i) => (
            <tr key={i}>
              <td>{instant(alert.from)}</td>
              <td>{alert.to ? duration((Date.parse(alert.to) - Date.parse(alert.from)) / 1000) : 'still fires'}</td>
              <td>{alert.severity}</td>
              <td>{`${alert.long} / ${alert.short}`}</td>
              <td>{rate(alert.peakBurn)}</td>
              <td>{share(alert.consumed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    group: css({ marginTop: theme.spacing(2) }),
    title: css({ ...theme.typography.h5 }),
    scroll: css({ overflowX: 'auto', maxHeight: 360 }),
    table: css({
      marginTop: theme.spacing(1),
      fontVariantNumeric: 'tabular-nums',
      '& caption': { captionSide: 'top', color: theme.colors.text.primary, padding: 0 },
      '& th, & td': { padding: theme.spacing(0.25, 2, 0.25, 0), textAlign: 'left', whiteSpace: 'nowrap' },
      '& th': { fontWeight: theme.typography.fontWeightRegular, color: theme.colors.text.secondary },
    }),
  };
}
