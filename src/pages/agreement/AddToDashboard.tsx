import { PluginExtensionExposedComponents } from '@grafana/data';
import { config, usePluginComponent } from '@grafana/runtime';
import { type DataSourceRef, type Panel } from '@grafana/schema';
import { Button, ErrorBoundaryAlert, Modal } from '@grafana/ui';
import { useState } from 'react';
import { budgetPanel } from './links';

interface FormProps {
  onClose: () => void;
  buildPanel: () => Omit<Panel, 'gridPos'>;
  options: { useAbsolutePath: true };
}

interface Props {
  datasource: DataSourceRef;
  /** The agreement. */
  name: string;
  title: string;
}

/** Puts the error budget of an agreement onto a dashboard, by Grafana's own form; absent where Grafana has none. */
export function AddToDashboard({ datasource, name, title }: Props) {
  const [open, setOpen] = useState(false);
  const { component: Form } = usePluginComponent<FormProps>(PluginExtensionExposedComponents.AddToDashboardFormV1);
  if (!Form || !mayKeepDashboards()) {
    return null;
  }
  const close = () => setOpen(false);
  return (
    <>
      <Button variant="secondary" icon="apps" onClick={() => setOpen(true)}>
        {'Add to dashboard'}
      </Button>
      {open && (
        <Modal isOpen title={'Add to dashboard'} onDismiss={close}>
          <ErrorBoundaryAlert>
            <Form
              onClose={close}
              buildPanel={() => budgetPanel(datasource, name, title)}
              options={{ useAbsolutePath: true }}
            />
          </ErrorBoundaryAlert>
        </Modal>
      )}
    </>
  );
}

/** The form does not open for those who may neither make nor change a dashboard. */
function mayKeepDashboards(): boolean {
  const permissions = config.bootData?.user?.permissions ?? {};
  return Boolean(permissions['dashboards:create'] || permissions['dashboards:write']);
}
