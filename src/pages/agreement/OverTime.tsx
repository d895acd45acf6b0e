import { ErrorBoundaryAlert, Field, Combobox } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router-dom';
import { dataSourceType, useDataSource } from '../../api/DataSource';
import { type Agreement, type Objective } from '../../api/types';
import { Empty } from '../../components/Empty';
import { LoadingPage } from '../../components/LoadingPage';
import { Section } from '../../components/Section';
import { HistoryTable } from './HistoryTable';
import { targetAt } from './promise';
import { Promql } from './Promql';
import { useHistory } from './useHistory';

const Charts = lazy(() => import('./Charts'));

/** The parameter of the URL with the objective that is looked at over time. */
const objectiveParam = 'objective';

/** One objective over time: charts, months, and the queries behind them. */
export function OverTime({ agreement }: { agreement: Agreement }) {
  const [search, setSearch] = useSearchParams();
  const asked = search.get(objectiveParam);
  const objective = agreement.objectives.find(({ name }) => name === asked) ?? agreement.objectives[0];
  if (!objective) {
    return null;
  }
  const choose = (name: string) =>
    setSearch(
      (before) => {
        before.set(objectiveParam, name);
        return before;
      },
      { replace: true },
    );
  return (
    <Section title={'Over time'}>
      {agreement.objectives.length > 1 && (
        <Field label={'Objective'} htmlFor="accord-objective">
          <Combobox
            id="accord-objective"
            width={40}
            options={agreement.objectives.map(({ name, displayName }) => ({ value: name, label: displayName || name }))}
            value={objective.name}
            onChange={({ value }) => choose(value)}
          />
        </Field>
      )}
      {objective.unmeasured ? (
        <Empty title={'This objective is not measured here'} kind="not-found">
          {objective.unmeasured}
        </Empty>
      ) : (
        <Measured key={objective.name} agreement={agreement} objective={objective} />
      )}
    </Section>
  );
}

function Measured({ agreement, objective }: { agreement: Agreement; objective: Objective }) {
  const { uid } = useDataSource();
  const history = useHistory(agreement.name, objective.name, objective.groupBy ?? []);
  return (
    <>
      <ErrorBoundaryAlert>
        <Suspense fallback={<LoadingPage lines={0} tiles={4} />}>
          <Charts
            of={{
              datasource: { type: dataSourceType, uid },
              agreement: agreement.name,
              objective: objective.name,
              groupBy: objective.groupBy ?? [],
              window: objective.window,
              target: targetAt(objective, new Date()),
              timeZone: agreement.timeZone,
              supportHours: agreement.supportHours,
            }}
          />
        </Suspense>
      </ErrorBoundaryAlert>
      <HistoryTable history={history} objective={objective} />
      <Promql history={history} definition={agreement.definitions.find((one) => one.objective === objective.name)} />
    </>
  );
}
