import { type Catalog, type Health, type Report, type TeamList } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Loaded } from '../../components/Loaded';
import { LoadingPage } from '../../components/LoadingPage';
import { Page } from '../../components/Page';
import { titlesOf } from './agreementRow';
import { Alerts } from './Alerts';
import { Connection } from './Connection';
import { Documents } from './Documents';
import { Gaps } from './Gaps';
import { Owners } from './Owners';
import { Promises } from './Promises';
import { ReviewsDue } from './ReviewsDue';

/** What may be wrong with the catalog and with what it is measured by, and how it is mended. */
export default function HealthPage() {
  const health = useResource<Health>('health');
  const catalog = useResource<Catalog>('catalog');
  const status = useResource<Report>('status');
  const teams = useResource<TeamList>('teams');
  const titled = titlesOf(catalog.value?.agreements.concat(catalog.value.slos) ?? []);
  return (
    <Page>
      <Loaded resource={health} loading={<LoadingPage tiles={4} lines={8} />}>
        {(found) => (
          <>
            <Connection health={found} reload={health.reload} />
            <Documents documents={found.documents} />
            <Gaps catalog={catalog} status={status} />
            <Owners catalog={catalog} teams={teams} />
            <ReviewsDue due={found.reviewsDue} titled={titled} />
            <Promises promises={found.promises} titled={titled} />
            <Alerts written={found.alertProblems} titled={titled} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
