import { Alert, EmptyState, Icon, LinkButton, Stack, Tab, TabContent, TabsBar, Text, TextLink } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { useParams } from 'react-router-dom';
import { type AgreementStatusTab } from '../../api/types';
import { useResource } from '../../api/useResource';
import { figure } from '../../components/figures';
import { Loaded, LoadingPage } from '../../components/Loaded';
import { TeamLink, titleOf } from '../../components/Named';
import { Page } from '../../components/Page';
import { StateBadge } from '../../components/StateBadge';
import { agreementResource, usePaths } from '../../paths';
import { Alert as AlertBadge } from '../agreements/columns';
import { Actions } from './Actions';
import { ContractTab } from './ContractTab';
import { StatusTab } from './StatusTab';

// Lazy because it loads Scenes for its time picker.
const HistoryTab = lazy(() => import('./HistoryTab'));

/** One agreement, or with the kind SLO one that none names: its status, its history, and what was agreed. */
export default function AgreementPage({ kind }: { kind?: 'SLO' }) {
  const { name = '', tab = 'status' } = useParams();
  const paths = usePaths();
  const status = useResource<AgreementStatusTab>(agreementResource('status', { kind, name }));
  const title = titleOf(status.value ?? { name });
  const gone = status.error?.status === 404;
  return (
    <Page
      pageNav={{ text: title, parentItem: { text: 'Agreements', url: paths.agreements() } }}
      tabsOf={`${kind} ${name}`}
      asOf={status}
      actions={!gone && <Actions name={name} title={title} kind={status.value?.kind} />}
    >
      {gone ? (
        <EmptyState
          role="status"
          variant="not-found"
          message={`There is no ${kind ? 'SLO' : 'agreement'} «${name}»`}
          button={
            <LinkButton variant="secondary" icon="arrow-left" href={paths.agreements()}>
              All agreements
            </LinkButton>
          }
        >
          It may have been renamed, or taken out of the documents
          {kind ? ', or an agreement names it.' : '. Its statements are kept.'}
        </EmptyState>
      ) : (
        <Loaded resource={status}>
          {(value) => (
            <>
              <Head agreement={value} />
              <TabsBar>
                <Tab label="Status" active={tab === 'status'} href={paths.agreement(value)} />
                <Tab label="History" active={tab === 'history'} href={paths.agreement(value, 'history')} />
                <Tab label="Contract" active={tab === 'contract'} href={paths.agreement(value, 'contract')} />
              </TabsBar>
              <TabContent>
                <Suspense fallback={<LoadingPage />}>
                  {tab === 'history' ? (
                    <HistoryTab agreement={value} />
                  ) : tab === 'contract' ? (
                    <ContractTab agreement={value} />
                  ) : (
                    <StatusTab agreement={value} />
                  )}
                </Suspense>
              </TabContent>
            </>
          )}
        </Loaded>
      )}
    </Page>
  );
}

/** The state and the parties, a firing alert, and the most important notice. */
function Head({ agreement }: { agreement: AgreementStatusTab }) {
  const paths = usePaths();
  const { alert, alertReason, alertValue, consumers, leftOut, notice, provider, service, stage, state } = agreement;
  return (
    <Stack direction="column" gap={1}>
      <Stack wrap="wrap" alignItems="center" gap={1}>
        <StateBadge state={state} stage={stage} />
        <AlertBadge row={agreement} />
        {provider && <TeamLink team={provider} inline={false} />}
        {!provider && !leftOut && <Text color="secondary">SLO without agreement</Text>}
        {consumers.length > 0 && <Icon name="arrow-right" aria-label="to" />}
        {consumers.map((team) => (
          <TeamLink key={team.name} team={team} inline={false} />
        ))}
        {service.name && <Text color="secondary">{`Service ${titleOf(service)}`}</Text>}
      </Stack>
      {alert && (
        <Alert
          severity={alert === 'page' ? 'error' : 'warning'}
          title={`The ${alert} alert fires: ${figure(alertValue, 'rate')}, above 1`}
        >
          {alertReason}
        </Alert>
      )}
      {notice && (
        <Alert severity={leftOut ? 'error' : 'info'} title={notice.title}>
          {notice.text} {leftOut && <TextLink href={paths.documents(agreement)}>Open the document</TextLink>}
        </Alert>
      )}
    </Stack>
  );
}
