import { LinkButton } from '@grafana/ui';
import { Empty } from '../../components/Empty';
import { t } from '../../locales/t';
import { usePaths } from '../../paths';

/** What to do while nothing was agreed. */
export function NoAgreements({ problems }: { problems: number }) {
  const paths = usePaths();
  return problems > 0 ? (
    <Empty
      kind="not-found"
      title={t('agreements.none-readable', 'None of the documents can be read yet')}
      action={
        <LinkButton href={paths.health()} icon="heart-rate">
          {t('agreements.see-problems', 'See what is wrong')}
        </LinkButton>
      }
    >
      {t('agreements.none-readable-text', 'Health says what is wrong, with the file and the line.')}
    </Empty>
  ) : (
    <Empty
      title={t('agreements.none', 'Nothing was agreed yet')}
      action={
        <LinkButton href={paths.workbench(undefined, { new: 'Agreement' })} icon="plus">
          {t('agreements.write-first', 'Write the first agreement')}
        </LinkButton>
      }
    >
      {t(
        'agreements.none-text',
        'An agreement says what one team promises another about a service, and when it is kept. Write one in the Workbench, or put documents into the folder of the data source.',
      )}
    </Empty>
  );
}
