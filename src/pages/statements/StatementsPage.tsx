import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { type Catalog, type Report, type StatementList } from '../../api/types';
import { useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { Loaded } from '../../components/Loaded';
import { LoadingPage } from '../../components/LoadingPage';
import { Page } from '../../components/Page';
import { NoAgreements } from './NoAgreements';
import { type Period, periods, units } from './periods';
import { PeriodPicker } from './PeriodPicker';
import { PeriodView } from './PeriodView';

/** How everything did in a period, and what was frozen of it. */
export default function StatementsPage() {
  const catalog = useResource<Catalog>('catalog');
  const [period, choose] = usePeriod();
  const status = useResource<Report>('status', { window: period.window, at: period.at });
  const list = useResource<StatementList>('statements', { period: period.name });
  return (
    <Page actions={<AsOf at={status.value?.at} resource={status} />}>
      <PeriodPicker period={period} onChange={choose} />
      <Loaded resource={catalog} loading={<LoadingPage lines={10} />}>
        {({ agreements, problems }) =>
          agreements.length === 0 ? (
            <NoAgreements problems={problems.length} />
          ) : (
            <PeriodView key={period.name} period={period} agreements={agreements} status={status} list={list} />
          )
        }
      </Loaded>
    </Page>
  );
}

/** The parameters of the URL with the kind of period, and its name. */
const [unitParam, periodParam] = ['by', 'period'];

/** The period that the URL names; the last whole month by default. */
function usePeriod(): [Period, (unit: string, name?: string) => void] {
  const [search, setSearch] = useSearchParams();
  // Of the moment at which the page was opened: what is asked must not change under the reader.
  const [now] = useState(Date.now);
  const unit = units.find((one) => one === search.get(unitParam)) ?? 'month';
  const all = useMemo(() => periods(unit, now), [unit, now]);
  const period = all.find(({ name }) => name === search.get(periodParam)) ?? all[1];
  const choose = (by: string, name?: string) =>
    setSearch((before) => {
      const next = new URLSearchParams(before);
      next.set(unitParam, by);
      next.delete(periodParam);
      if (name) {
        next.set(periodParam, name);
      }
      return next;
    });
  return [period, choose];
}
