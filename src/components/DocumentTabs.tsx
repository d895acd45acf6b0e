import { Tab, TabsBar } from '@grafana/ui';
import { usePaths } from '../paths';

/** The tabs of the navigation entry Documents. */
export function DocumentTabs({ active }: { active: 'documents' | 'findings' }) {
  const paths = usePaths();
  return (
    <TabsBar>
      <Tab label="Documents" href={paths.documents()} active={active === 'documents'} />
      <Tab label="Findings" href={paths.findings()} active={active === 'findings'} />
    </TabsBar>
  );
}
