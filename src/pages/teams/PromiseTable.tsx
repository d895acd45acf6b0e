import { TextLink } from '@grafana/ui';
import { Fragment } from 'react';
import { type ObjectiveStatus, type Report } from '../../api/types';
import { BudgetLeft } from '../../components/BudgetLeft';
import { StateBadge, worstFirst } from '../../components/StateBadge';
import { type Column, Table } from '../../components/Table';
import { Term } from '../../components/Term';
import { absent, numberOf, stageWord } from '../../components/words';
import { type Paths, usePaths } from '../../paths';
import { type Agreed } from './agreed';

interface Props {
  caption: string;
  promises: Agreed[];
  report: Report | undefined;
  /** Said when there is none. */
  none: string;
  /** The other side. */
  parties: { label: string; of: (promise: Agreed) => string[] };
  called: (team: string) => string;
}

/** Agreements of a team, the worst first. */
export function PromiseTable({ caption, promises, report, none, parties, called }: Props) {
  const paths = usePaths();
  if (promises.length === 0) {
    return <p>{none}</p>;
  }
  const rank = ({ state }: Agreed) => (state ? worstFirst.indexOf(state) : worstFirst.length);
  const least = new Map(report?.agreements.map(({ name, objectives }) => [name, leastLeft(objectives)]));
  return (
    <Table
      caption={caption}
      columns={columns(parties, least, called, paths)}
      rows={[...promises].sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title))}
      rowKey={({ name }) => name}
    />
  );
}

/** The objective with the least of its budget left. */
function leastLeft(objectives: ObjectiveStatus[]): ObjectiveStatus | undefined {
  const known = objectives.filter(({ remaining }) => numberOf(remaining) !== undefined);
  return known.sort((a, b) => numberOf(a.remaining)! - numberOf(b.remaining)!)[0];
}

function columns(
  parties: Props['parties'],
  least: Map<string, ObjectiveStatus | undefined>,
  called: Props['called'],
  paths: Paths,
): Array<Column<Agreed>> {
  return [
    {
      id: 'agreement',
      label: 'Agreement',
      cell: ({ name, title }) => <TextLink href={paths.agreement(name)}>{title}</TextLink>,
    },
    {
      id: 'parties',
      label: parties.label,
      cell: (promise) =>
        parties.of(promise).map((name, index) => (
          <Fragment key={name}>
            {index > 0 && ', '}
            <TextLink href={paths.team(name)} color="primary">
              {called(name)}
            </TextLink>
          </Fragment>
        )),
    },
    {
      id: 'state',
      label: 'State',
      aside: <Term name="state">{''}</Term>,
      cell: ({ state, stage }) =>
        stage === 'active' ? state ? <StateBadge state={state} /> : absent : stageWord(stage),
    },
    {
      id: 'budget',
      label: 'Least budget left',
      aside: <Term name="budget">{''}</Term>,
      cell: ({ name, stage }) => {
        const objective = stage === 'active' ? least.get(name) : undefined;
        return objective ? <BudgetLeft objective={objective} /> : absent;
      },
    },
  ];
}
