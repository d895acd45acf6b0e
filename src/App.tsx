import { PluginPage } from '@grafana/runtime';
import { LinkButton } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router-dom';
import { dataSourceType, DataSourceProvider } from './api/DataSource';
import { Empty } from './components/Empty';
import { LoadingPage } from './components/LoadingPage';
import { t } from './locales/t';
import { appPath } from './paths';

const OverviewPage = lazy(() => import('./pages/overview/OverviewPage'));
const AgreementsPage = lazy(() => import('./pages/agreements/AgreementsPage'));
const AgreementPage = lazy(() => import('./pages/agreement/AgreementPage'));
const TeamsPage = lazy(() => import('./pages/teams/TeamsPage'));
const TeamPage = lazy(() => import('./pages/teams/TeamPage'));
const CalendarPage = lazy(() => import('./pages/calendar/CalendarPage'));
const StatementsPage = lazy(() => import('./pages/statements/StatementsPage'));
const WorkbenchPage = lazy(() => import('./pages/workbench/WorkbenchPage'));
const HealthPage = lazy(() => import('./pages/health/HealthPage'));

/** The pages of the app, over the data source that is chosen. */
export default function App() {
  return (
    <DataSourceProvider none={<Begin />} unknown={(uid) => <UnknownDataSource uid={uid} />}>
      <Suspense
        fallback={
          <PluginPage>
            <LoadingPage />
          </PluginPage>
        }
      >
        <Routes>
          <Route path="/" element={<OverviewPage />} />
          <Route path="/agreements" element={<AgreementsPage />} />
          <Route path="/agreements/:name" element={<AgreementPage />} />
          <Route path="/teams" element={<TeamsPage />} />
          <Route path="/teams/:name" element={<TeamPage />} />
          <Route path="/calendar" element={<CalendarPage />} />
          <Route path="/statements" element={<StatementsPage />} />
          <Route path="/workbench" element={<WorkbenchPage />} />
          <Route path="/workbench/:kind/:name" element={<WorkbenchPage />} />
          <Route path="/health" element={<HealthPage />} />
          <Route path="*" element={<NoSuchPage />} />
        </Routes>
      </Suspense>
    </DataSourceProvider>
  );
}

function Begin() {
  return (
    <PluginPage>
      <Empty
        title={t('begin.title', 'Begin with a data source')}
        action={
          <LinkButton href={`/connections/datasources/${dataSourceType}`} icon="plus">
            {t('begin.add', 'Add an Accord data source')}
          </LinkButton>
        }
      >
        {t(
          'begin.text',
          'A data source is one Prometheus and one folder of agreements. Once it is there, this is where you see what was promised and how it stands.',
        )}
      </Empty>
    </PluginPage>
  );
}

function UnknownDataSource({ uid }: { uid: string }) {
  return (
    <PluginPage>
      <Empty
        kind="not-found"
        title={t('datasource.unknown', 'There is no Accord data source «{{uid}}»', { uid })}
        action={<LinkButton href={appPath}>{t('datasource.another', 'Go on with another one')}</LinkButton>}
      >
        {t('datasource.unknown-text', 'It was removed, or you may not see it.')}
      </Empty>
    </PluginPage>
  );
}

function NoSuchPage() {
  return (
    <PluginPage>
      <Empty
        kind="not-found"
        title={t('page.unknown', 'There is no such page')}
        action={<LinkButton href={appPath}>{t('page.home', 'To the overview')}</LinkButton>}
      />
    </PluginPage>
  );
}
