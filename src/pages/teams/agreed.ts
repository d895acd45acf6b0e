import { type Report, type State, type Summary, type Team } from '../../api/types';
import { worstFirst } from '../../components/StateBadge';

/** An agreement as it stands between two teams. */
export interface Agreed {
  name: string;
  title: string;
  provider: string;
  consumers: string[];
  stage: Summary['stage'];
  /** Undefined while it is not known. Only of active ones: nobody is held to the others. */
  state: State | undefined;
}

/** The agreements with their states. */
export function agreed(agreements: Summary[], report: Report | undefined): Agreed[] {
  const states = new Map(report?.agreements.map(({ name, state }) => [name, state]));
  return agreements.map(({ name, displayName, provider = '', consumers, stage }) => ({
    name,
    title: displayName || name,
    provider,
    consumers,
    stage,
    state: stage === 'active' ? states.get(name) : undefined,
  }));
}

/** How many of the promises are in each state, from the worst on; those of no known state are left out. */
export function tally(all: Agreed[]): Array<{ state: State; count: number }> {
  return worstFirst
    .map((state) => ({ state, count: all.filter((one) => one.state === state).length }))
    .filter(({ count }) => count > 0);
}

/** What one team promised another. */
export interface Cell {
  provider: string;
  consumer: string;
  promises: Agreed[];
  /** Of the active ones; undefined when there is none, or nothing is known. */
  worst: State | undefined;
}

/** Who promises what to whom: a row a team that provides, a column a team that consumes. */
export interface Matrix {
  providers: Team[];
  consumers: Team[];
  cell: (provider: Team, consumer: Team) => Cell;
}

/** The matrix of the teams that are party to anything. */
export function matrix(teams: Team[], all: Agreed[]): Matrix {
  return {
    providers: teams.filter(({ provides }) => provides.length > 0),
    consumers: teams.filter(({ consumes }) => consumes.length > 0),
    cell: (provider, consumer) => {
      const between = all.filter((one) => one.provider === provider.name && one.consumers.includes(consumer.name));
      return { provider: provider.name, consumer: consumer.name, promises: between, worst: tally(between)[0]?.state };
    },
  };
}
