import { LinkButton } from '@grafana/ui';
import { useParams } from 'react-router-dom';
import { segment } from '../../api/client';
import { type Agreement, type Report } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Empty } from '../../components/Empty';
import { Loaded } from '../../components/Loaded';
import { LoadingPage } from '../../components/LoadingPage';
import { Page } from '../../components/Page';
import { usePaths } from '../../paths';
import { Actions } from './Actions';
import { AgreementView } from './AgreementView';

/** One agreement: its text, how it stands, how it did, and where the figures come from. */
export default function AgreementPage() {
  const { name = '' } = useParams();
  const paths = usePaths();
  const agreement = useResource<Agreement>(`agreements/${segment(name)}`);
  const status = useResource<Report>('status', { agreement: name });
  const title = agreement.value?.displayName || name;
  const gone = agreement.error?.status === 404;
  return (
    <Page
      pageNav={{ text: title, parentItem: { text: 'Agreements', url: paths.agreements() } }}
      actions={agreement.value && !gone && <Actions agreement={agreement.value} title={title} />}
    >
      {gone ? (
        <Gone name={name} wasThere={agreement.value !== undefined} />
      ) : (
        <Loaded resource={agreement} loading={<LoadingPage tiles={3} lines={10} />}>
          {(text) => <AgreementView key={name} agreement={text} status={status} />}
        </Loaded>
      )}
    </Page>
  );
}

/** An address may be wrong or old, and an agreement may be taken out while somebody looks at it. */
function Gone({ name, wasThere }: { name: string; wasThere: boolean }) {
  const paths = usePaths();
  return (
    <Empty
      kind="not-found"
      title={wasThere ? `The agreement «${name}» is no longer there` : `There is no agreement «${name}»`}
      action={
        <LinkButton variant="secondary" icon="arrow-left" href={paths.agreements()}>
          {'All agreements'}
        </LinkButton>
      }
    >
      {'It was renamed, or taken out of the documents. Its past is in their history.'}
    </Empty>
  );
}
