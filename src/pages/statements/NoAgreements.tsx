import { LinkButton } from '@grafana/ui';
import { Empty } from '../../components/Empty';
import { usePaths } from '../../paths';

/** What to do while nothing was agreed. */
export function NoAgreements({ problems }: { problems: number }) {
  const paths = usePaths();
  return problems > 0 ? (
    <Empty
      kind="not-found"
      title={'None of the documents can be read yet'}
      action={
        <LinkButton href={paths.findings()} icon="heart-rate">
          {'See what is wrong'}
        </LinkButton>
      }
    >
      {'Health says what is wrong, with the file and the line.'}
    </Empty>
  ) : (
    <Empty
      title={'Nothing was agreed yet'}
      action={
        <LinkButton href={paths.documents(undefined, { new: 'Agreement' })} icon="plus">
          {'Write the first agreement'}
        </LinkButton>
      }
    >
      {
        'An agreement says what one team promises another about a service, and when it is kept. Write one in the Workbench, or put documents into the folder of the data source.'
      }
    </Empty>
  );
}
