import { type Catalog, type Report } from '../../api/types';
import { together, useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { Loaded } from '../../components/Loaded';
import { LoadingPage } from '../../components/LoadingPage';
import { Page } from '../../components/Page';
import { Unmeasured } from '../../components/Unmeasured';
import { NoAgreements } from '../agreements/NoAgreements';
import { agreementRows, titlesOf } from '../agreements/agreementRow';
import { Attention } from './Attention';
import { inForce } from './attention';
import { BurningNow } from './BurningNow';
import { Others } from './Others';
import { Reviews } from './Reviews';
import { StateCounts } from './StateCounts';

/** How everything stands, what is wrong first, and what is to be done. */
export default function OverviewPage() {
  const catalog = useResource<Catalog>('catalog');
  const status = useResource<Report>('status');
  const both = together<{ catalog: Catalog; report: Report }>({ catalog, report: status });
  return (
    <Page actions={<AsOf at={status.value?.at} resource={status} />}>
      <Loaded resource={both} loading={<LoadingPage tiles={5} lines={8} />}>
        {({ catalog: { agreements, slos, problems, teams }, report }) => {
          const all = agreementRows({ agreements, slos }, report);
          const active = inForce(all);
          return agreements.length === 0 ? (
            <>
              <NoAgreements problems={problems.length} />
              <Others agreementRows={all} problems={problems} />
            </>
          ) : (
            <>
              <Unmeasured status={status} />
              <StateCounts agreementRows={active} />
              <Others agreementRows={all} problems={problems} />
              <Attention agreementRows={active} called={titlesOf(teams)} />
              <BurningNow agreementRows={active} />
              <Reviews agreements={agreements} at={report.at} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
