import { PluginExtensionExposedComponents } from '@grafana/data';
import { usePluginComponent } from '@grafana/runtime';
import { type Panel } from '@grafana/schema';
import { Button, ErrorBoundaryAlert, LinkButton, Modal } from '@grafana/ui';
import { useState } from 'react';
import { dataSourceType, useDataSource } from '../../api/DataSource';
import { userMay } from '../../api/permissions';
import { usePaths } from '../../paths';
import { budgetPanel, exploreAgreement, filtersOf, mayExplore, newAlertRule } from './links';

interface Props {
  name: string;
  title: string;
  /** The kind of its document; absent until it is known. */
  kind?: string;
}

/**
 * Links from an agreement to other parts of Grafana and to its editor. Rendered
 * before the agreement is loaded, because later changes of the header would move
 * the page.
 */
export function Actions({ name, title, kind = '' }: Props) {
  const { uid } = useDataSource();
  const paths = usePaths();
  const datasource = { type: dataSourceType, uid };
  const filters = filtersOf({ kind, name });
  return (
    <>
      {mayExplore() && (
        <LinkButton variant="secondary" icon="compass" href={exploreAgreement(datasource, filters)}>
          Explore
        </LinkButton>
      )}
      {userMay('alert.rules:create') && (
        <LinkButton variant="secondary" icon="bell" href={newAlertRule(datasource, filters, title)}>
          New alert rule
        </LinkButton>
      )}
      <AddToDashboard buildPanel={() => budgetPanel(datasource, filters, title)} />
      <LinkButton variant="secondary" icon="pen" disabled={!kind} href={paths.documents({ kind, name })}>
        Edit
      </LinkButton>
    </>
  );
}

interface FormProps {
  onClose: () => void;
  buildPanel: () => Omit<Panel, 'gridPos'>;
  options: { useAbsolutePath: true };
}

/** Adds the error budget to a dashboard by Grafana's form; hidden if Grafana has none. */
function AddToDashboard({ buildPanel }: Pick<FormProps, 'buildPanel'>) {
  const [open, setOpen] = useState(false);
  const { component: Form, isLoading } = usePluginComponent<FormProps>(
    PluginExtensionExposedComponents.AddToDashboardFormV1,
  );
  // The form does not open for users who may neither create nor change dashboards.
  if (!(Form || isLoading) || !userMay('dashboards:create', 'dashboards:write')) {
    return null;
  }
  const close = () => setOpen(false);
  return (
    <>
      <Button variant="secondary" icon="apps" disabled={!Form} onClick={() => setOpen(true)}>
        Add to dashboard
      </Button>
      {Form && (
        <Modal isOpen={open} title="Add to dashboard" onDismiss={close}>
          <ErrorBoundaryAlert>
            <Form onClose={close} buildPanel={buildPanel} options={{ useAbsolutePath: true }} />
          </ErrorBoundaryAlert>
        </Modal>
      )}
    </>
  );
}
