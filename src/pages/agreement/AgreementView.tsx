import { type Agreement, type Catalog, type Report, type TeamList } from '../../api/types';
import { type Resource, useResource } from '../../api/useResource';
import { Dependencies } from './Dependencies';
import { Exclusions } from './Exclusions';
import { HowItStands } from './HowItStands';
import { AgreementHeader } from './AgreementHeader';
import { OverTime } from './OverTime';
import { Parties } from './Parties';
import { ThePromise } from './ThePromise';
import { Written } from './Written';

interface Props {
  agreement: Agreement;
  status: Resource<Report>;
}

/** The sections of the page. What needs more than the text comes when it comes, and holds up nothing. */
export function AgreementView({ agreement, status }: Props) {
  const teams = useResource<TeamList>('teams').value?.teams ?? [];
  const catalog = useResource<Catalog>('catalog').value;
  const called = names([...(catalog?.services ?? []), ...(catalog?.calendars ?? []), ...teams]);
  return (
    <>
      <AgreementHeader agreement={agreement} report={status.value} called={called} />
      <ThePromise agreement={agreement} called={called} />
      <HowItStands agreement={agreement} status={status} />
      <OverTime agreement={agreement} />
      <Exclusions agreement={agreement} called={called} />
      <Dependencies agreement={agreement} />
      <Parties agreement={agreement} teams={teams} called={called} />
      <Written agreement={agreement} />
    </>
  );
}

function names(named: Array<{ name: string; displayName?: string }>): (name: string) => string {
  const known = new Map(named.map(({ name, displayName }) => [name, displayName || name]));
  return (name) => known.get(name) ?? name;
}
