import { TextLink } from '@grafana/ui';
import { type Promised } from '../../api/types';
import { AllGood } from '../../components/AllGood';
import { Section } from '../../components/Section';
import { type Column, Table } from '../../components/Table';
import { percent, sentence } from '../../components/words';
import { usePaths } from '../../paths';

interface Props {
  promises: Promised[];
  /** The name that people know an agreement by. */
  titled: (agreement: string) => string;
}

/** Targets that are higher than what is promised upstream can hold. */
export function Promises({ promises, titled }: Props) {
  const title = 'Promises that a dependency cannot hold';
  return (
    <Section title={title}>
      {promises.length === 0 ? (
        <AllGood>{'What each agreement promises can be held by what it rests on.'}</AllGood>
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
      label: 'Agreement',
      cell: ({ agreement }) => <Name name={agreement} title={titled(agreement)} />,
    },
    { id: 'objective', label: 'Objective', cell: ({ objective }) => objective },
    { id: 'target', label: 'Promised', numeric: true, cell: ({ target }) => percent(target) },
    { id: 'best', label: 'At best', numeric: true, cell: ({ best }) => percent(best) },
    { id: 'rests', label: 'Rests on', cell: restsOn },
    {
      id: 'why',
      label: 'Why',
      cell: ({ kept, reason }) =>
        reason ? sentence(reason) : kept ? '' : 'More is promised than is promised to the provider itself.',
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
      return each.length > 1 ? `(${each.join(` ${'or'} `)})` : each[0];
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
