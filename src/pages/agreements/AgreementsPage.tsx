import { type Catalog, type Report } from '../../api/types';
import { useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { ErrorPage } from '../../components/ErrorPage';
import { Loaded } from '../../components/Loaded';
import { LoadingPage } from '../../components/LoadingPage';
import { Page } from '../../components/Page';
import { Unmeasured } from '../../components/Unmeasured';
import { AgreementsTable } from './AgreementsTable';
import { NoAgreements } from './NoAgreements';

/** Every agreement, and every SLO without one: searched, filtered, sorted. */
export default function AgreementsPage() {
  const catalog = useResource<Catalog>('catalog');
  const status = useResource<Report>('status');
  return (
    <Page actions={<AsOf at={status.value?.at} resource={status} />}>
      <Loaded resource={catalog} loading={<LoadingPage lines={12} />}>
        {(all) => {
          if (all.agreements.length + all.slos.length === 0) {
            return <NoAgreements problems={all.problems.length} />;
          }
          if (status.state === 'loading') {
            return <LoadingPage lines={12} />;
          }
          if (status.state === 'forbidden') {
            return <ErrorPage error={status.error} reload={status.reload} />;
          }
          return (
            <>
              <Unmeasured status={status} />
              <AgreementsTable catalog={all} report={status.value} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
