import { TextLink } from '@grafana/ui';
import { type Promised } from '../../api/types';
import { AllGood } from '../../components/AllGood';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { percent, sentence } from '../../components/words';
import { t } from '../../locales/t';
import { usePaths } from '../../paths';

interface Props {
  promises: Promised[];
  /** The name that people know an agreement by. */
  titled: (agreement: string) => string;
}

/** Targets that are higher than what is promised upstream can hold. */
export function Promises({ promises, titled }: Props) {
  const title = t('health.promises', 'Promises that a dependency cannot hold');
  return (
    <Section title={title}>
      {promises.length === 0 ? (
        <AllGood>{t('health.no-promises', 'What each agreement promises can be held by what it rests on.')}</AllGood>
      ) : (
        <Table
          caption={title}
          columns={columns(titled)}
          rows={promises}
          rowKey={({ agreement, objective }) => `${agreement} ${objective}`}
        />
      )}
    </Section>
  );
}

function columns(titled: Props['titled']): Array<Column<Promised>> {
  return [
    {
      id: 'agreement',
      label: t('health.agreement', 'Agreement'),
      cell: ({ agreement }) => <Name name={agreement} title={titled(agreement)} />,
    },
    { id: 'objective', label: t('health.objective', 'Objective'), cell: ({ objective }) => objective },
    { id: 'target', label: t('health.promised', 'Promised'), numeric: true, cell: ({ target }) => percent(target) },
    { id: 'best', label: t('health.best', 'At best'), numeric: true, cell: ({ best }) => percent(best) },
    { id: 'rests', label: t('health.rests-on', 'Rests on'), cell: restsOn },
    {
      id: 'why',
      label: t('health.why', 'Why'),
      cell: ({ kept, reason }) =>
        reason
          ? sentence(reason)
          : kept
            ? ''
            : t('health.too-much', 'More is promised than is promised to the provider itself.'),
    },
  ];
}

/** The dependencies as factors: what is needed multiplies, of what can stand in for each other one suffices. */
function restsOn({ needs }: Promised): string {
  return needs
    .map(({ anyOf }) => {
      const each = anyOf.map(
        ({ agreement, objective, target }) =>
          `${objective ? `${agreement}/${objective}` : agreement} ${percent(target)}`,
      );
      return each.length > 1 ? `(${each.join(` ${t('health.or', 'or')} `)})` : each[0];
    })
    .join(' × ');
}

function Name({ name, title }: { name: string; title: string }) {
  const paths = usePaths();
  return (
    <TextLink href={paths.agreement(name)} color="primary">
      {title}
    </TextLink>
  );
}
