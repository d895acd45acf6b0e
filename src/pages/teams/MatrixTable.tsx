import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { Link } from 'react-router-dom';
import { type Team } from '../../api/types';
import { worstFirst } from '../../components/StateBadge';
import { stateWord } from '../../components/words';
import { count, plural } from '../../components/words';
import { usePaths } from '../../paths';
import { type Cell, type Matrix } from './agreed';
import { StateIcon } from './Tally';

const called = ({ name, displayName }: Team) => displayName || name;

/** Who promises what to whom, with the worst state of each pair; a cell leads to its agreements. */
export function MatrixTable({ matrix: { providers, consumers, cell } }: { matrix: Matrix }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const caption = 'Who promises what to whom';
  return (
    <>
      <p className={styles.legend}>
        {'How many agreements there are, and the worst state of those in force:'}
        {worstFirst.map((state) => (
          <span key={state}>
            <StateIcon state={state} /> {stateWord(state)}
          </span>
        ))}
      </p>
      {/* As wide as there are teams: it scrolls by itself, by keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroll} role="group" aria-label={caption} tabIndex={0}>
        <table className={styles.table}>
          <caption className="sr-only">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{'Provider ↓ promises consumer →'}</th>
              {consumers.map((team) => (
                <th key={team.name} scope="col" className={styles.column}>
                  <span>{called(team)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {providers.map((provider) => (
              <tr key={provider.name}>
                <th scope="row">
                  <TextLink href={paths.team(provider.name)} color="primary">
                    {called(provider)}
                  </TextLink>
                </th>
                {consumers.map((consumer) => (
                  <td key={consumer.name}>
                    <CellLink cell={cell(provider, consumer)} between={[called(provider), called(consumer)]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function CellLink({ cell, between: [provider, consumer] }: { cell: Cell; between: [string, string] }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const { promises, worst } = cell;
  if (promises.length === 0) {
    return null;
  }
  const size = plural(promises.length, '1 agreement', `${count(promises.length)} agreements`);
  const state = worst ? stateWord(worst) : 'none in force';
  const says = `${provider} for ${consumer}: ${size}, ${state}`;
  return (
    <Link
      className={styles.cell}
      to={paths.agreements({ provider: cell.provider, consumer: cell.consumer })}
      aria-label={says}
      title={says}
    >
      {worst && <StateIcon state={worst} />}
      <span>{promises.length}</span>
    </Link>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    scroll: css({
      overflowX: 'auto',
      maxWidth: '100%',
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
    }),
    table: css({
      '& th': {
        padding: theme.spacing(0.5, 1),
        textAlign: 'left',
        verticalAlign: 'bottom',
        color: theme.colors.text.secondary,
        fontWeight: theme.typography.fontWeightMedium,
      },
      '& tbody th': {
        position: 'sticky',
        left: 0,
        minWidth: 120,
        verticalAlign: 'middle',
        background: theme.colors.background.primary,
        zIndex: 1,
      },
      '& td': { padding: 0, minWidth: 44, textAlign: 'center' },
      '& tbody tr': { borderTop: `1px solid ${theme.colors.border.weak}` },
      '& tbody tr:hover': { background: theme.colors.action.hover },
    }),
    legend: css({
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0, 2),
      color: theme.colors.text.secondary,
    }),
    column: css({
      // Names of teams are long, and there are many.
      '& > span': { writingMode: 'vertical-rl', transform: 'rotate(180deg)', whiteSpace: 'nowrap', maxHeight: 180 },
      '&&': { textAlign: 'center' },
    }),
    cell: css({
      display: 'inline-flex',
      alignItems: 'center',
      justifyContent: 'center',
      gap: theme.spacing(0.5),
      minWidth: 44,
      minHeight: 36,
      '&:hover': { textDecoration: 'underline' },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
    }),
  };
}
