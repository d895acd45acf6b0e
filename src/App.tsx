import { locationUtil } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { EmptyState, LinkButton } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { Navigate, Route, Routes, useLocation, useParams } from 'react-router-dom';
import { QueryClientProvider } from '@tanstack/react-query';
import { segment } from './api/client';
import { dataSourceType, DataSourceProvider } from './api/DataSource';
import { userMay } from './api/permissions';
import { newQueryClient } from './api/useResource';
import { LoadingPage } from './components/Loaded';
import { appPath } from './paths';

const AgreementsPage = lazy(() => import('./pages/agreements/AgreementsPage'));
const AgreementPage = lazy(() => import('./pages/agreement/AgreementPage'));
const TeamsPage = lazy(() => import('./pages/teams/TeamsPage'));
const TeamPage = lazy(() => import('./pages/teams/TeamPage'));
const ExclusionsPage = lazy(() => import('./pages/exclusions/ExclusionsPage'));
const StatementsPage = lazy(() => import('./pages/statements/StatementsPage'));
const DocumentsPage = lazy(() => import('./pages/documents/DocumentsPage'));
const FindingsPage = lazy(() => import('./pages/findings/FindingsPage'));

const queryClient = newQueryClient();

/** The pages of the app for the chosen data source. */
export default function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <DataSourceProvider
        none={<NoDataSource />}
        unknown={(uid) => (
          <Nowhere title={`There is no Accord data source «${uid}»`} link="Show another one">
            It was removed, or you may not see it.
          </Nowhere>
        )}
      >
        <Suspense
          fallback={
            <PluginPage>
              <LoadingPage />
            </PluginPage>
          }
        >
          <Routes>
            <Route path="/" element={<AgreementsPage />} />
            <Route path="/agreements/:name/:tab?" element={<AgreementPage />} />
            <Route path="/slos/:name/:tab?" element={<AgreementPage kind="SLO" />} />
            <Route path="/teams" element={<TeamsPage />} />
            <Route path="/teams/:name" element={<TeamPage />} />
            <Route path="/exclusions" element={<ExclusionsPage />} />
            <Route path="/statements" element={<StatementsPage />} />
            <Route path="/documents" element={<DocumentsPage />} />
            <Route path="/documents/findings" element={<FindingsPage />} />
            <Route path="/documents/:kind/:name" element={<DocumentsPage />} />
            {Object.entries(moved).map(([from, to]) => (
              <Route key={from} path={from} element={<Moved to={to} />} />
            ))}
            <Route path="*" element={<Nowhere title="There is no such page" link="Agreements" />} />
          </Routes>
        </Suspense>
      </DataSourceProvider>
    </QueryClientProvider>
  );
}

/** Paths of earlier versions, and where their pages are now. */
const moved: Record<string, string> = {
  '/agreements': '',
  '/calendar': '/exclusions',
  '/workbench': '/documents',
  '/workbench/:kind/:name': '/documents/:kind/:name',
  '/health': '/documents/findings',
};

/** Redirects to the new path of a page, with the query string. */
function Moved({ to }: { to: string }) {
  const { search } = useLocation();
  const params = useParams();
  const path = to.replace(/:(\w+)/g, (_, name: string) => segment(params[name] ?? ''));
  return <Navigate replace to={`${appPath}${path}${search}`} />;
}

function NoDataSource() {
  const mayAdd = userMay('datasources:create');
  return (
    <PluginPage>
      <EmptyState
        role="status"
        variant="call-to-action"
        message="Add a data source first"
        button={
          mayAdd && (
            <LinkButton href={locationUtil.assureBaseUrl(`/connections/datasources/${dataSourceType}`)} icon="plus">
              Add an Accord data source
            </LinkButton>
          )
        }
      >
        A data source is one Prometheus and one folder of agreements. Once it is there, the agreements and their status
        are here.
        {!mayAdd && ' Ask an administrator of Grafana for one.'}
      </EmptyState>
    </PluginPage>
  );
}

/** A page that does not exist, with a link to one that does. */
function Nowhere({ title, link, children }: { title: string; link: string; children?: string }) {
  return (
    <PluginPage>
      <EmptyState
        role="status"
        variant="not-found"
        message={title}
        button={<LinkButton href={locationUtil.assureBaseUrl(appPath)}>{link}</LinkButton>}
      >
        {children}
      </EmptyState>
    </PluginPage>
  );
}
