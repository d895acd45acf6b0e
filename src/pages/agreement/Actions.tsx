import { LinkButton } from '@grafana/ui';
import { dataSourceType, useDataSource } from '../../api/DataSource';
import { type Agreement } from '../../api/types';
import { usePaths } from '../../paths';
import { AddToDashboard } from './AddToDashboard';
import { exploreAgreement, newAlertRule } from './links';

/** What can be made of an agreement elsewhere in Grafana, and where its text is changed. */
export function Actions({ agreement, title }: { agreement: Agreement; title: string }) {
  const { uid } = useDataSource();
  const paths = usePaths();
  const datasource = { type: dataSourceType, uid };
  const { name } = agreement;
  // What no agreement names is an SLO by itself.
  const kind = agreement.provider ? 'Agreement' : 'SLO';
  return (
    <>
      <LinkButton variant="secondary" icon="compass" href={exploreAgreement(datasource, name)}>
        {'Explore'}
      </LinkButton>
      <LinkButton variant="secondary" icon="bell" href={newAlertRule(datasource, name, title)}>
        {'New alert rule'}
      </LinkButton>
      <AddToDashboard datasource={datasource} name={name} title={title} />
      <LinkButton variant="secondary" icon="pen" href={paths.documents({ kind, name })}>
        {'Edit in Workbench'}
      </LinkButton>
    </>
  );
}
