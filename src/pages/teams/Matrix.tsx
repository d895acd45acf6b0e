import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { EmptyState, LinkButton, Stack, Text, TextLink, Tooltip, useStyles2 } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { type Matrix as Answer, type Tally } from '../../api/types';
import { Pages } from '../../components/DataTable';
import { Search } from '../../components/Filters';
import { TeamLink, titleOf } from '../../components/Named';
import { StateBadge } from '../../components/StateBadge';
import { usePaths } from '../../paths';
import { AgreementFilter } from '../agreements/Filters';

const caption = 'Who promises what to whom';

/** The agreements between providers and consumers, with the worst state of each pair; a cell links to them. */
export function Matrix({ matrix }: { matrix: Answer }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const { consumers, moreConsumers, rows } = matrix;
  const [search] = useSearchParams();
  const consumer = search.get('consumer') ?? '';
  const chosen = consumers.find(({ name }) => name === consumer);
  return (
    <>
      <Stack wrap="wrap">
        <Search label="Search providers" />
        <AgreementFilter name="consumer" label="Consumer" chosen={consumer && titleOf(chosen ?? { name: consumer })} />
      </Stack>
      {rows.length === 0 && !consumer && !search.get('search') ? (
        <EmptyState
          role="status"
          variant="call-to-action"
          message="No team promises anything to another yet"
          button={<LinkButton href={paths.documents(undefined, { new: 'Agreement' })}>New agreement</LinkButton>}
        />
      ) : rows.length === 0 ? (
        <EmptyState role="status" variant="not-found" message="No such team provides anything to this consumer">
          Search for fewer words, or choose another consumer.
        </EmptyState>
      ) : (
        // As wide as there are teams: the table itself scrolls, by keyboard, too.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className={styles.scroll} role="group" aria-label={caption} tabIndex={0}>
          <table className={styles.table}>
            <caption className="sr-only">{caption}</caption>
            <thead>
              <tr>
                <th scope="col">Provider ↓ consumer →</th>
                {consumers.map((team) => (
                  <th key={team.name} scope="col">
                    <TeamLink team={team} color="secondary" />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((provider) => (
                <tr key={provider.name}>
                  <th scope="row">
                    <TeamLink team={provider} color="primary" />
                  </th>
                  {consumers.map((consumer) => (
                    <td key={consumer.name}>
                      <Pair
                        tally={provider.cells[consumer.name]}
                        says={`${titleOf(provider)} for ${titleOf(consumer)}`}
                        href={paths.agreements({ provider: provider.name, consumer: consumer.name })}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {moreConsumers > 0 && (
        <Text color="secondary">{`${moreConsumers.toLocaleString()} more consumers: search for a provider.`}</Text>
      )}
      <Pages {...matrix} />
    </>
  );
}

function Pair({ tally, says, href }: { tally?: Tally; says: string; href: string }) {
  if (!tally) {
    return null;
  }
  const text = `${says}: ${tally.text}`;
  return (
    <Tooltip content={text}>
      <span>
        <TextLink href={href} color="primary" aria-label={`${says}, ${tally.count.toLocaleString()}: ${tally.text}`}>
          {tally.worst ? <StateBadge state={tally.worst} count={tally.count} /> : tally.count.toLocaleString()}
        </TextLink>
      </span>
    </Tooltip>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    scroll: css({
      overflowX: 'auto',
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
    }),
    table: css({
      // A column is no narrower than its longest word.
      overflowWrap: 'break-word',
      '& th, & td': { padding: theme.spacing(0.5, 1), borderBottom: `1px solid ${theme.colors.border.weak}` },
      '& th': { textAlign: 'left', fontWeight: theme.typography.fontWeightMedium, verticalAlign: 'bottom' },
      '& thead th:not(:first-child)': { maxWidth: 120 },
      '& tbody th': { position: 'sticky', left: 0, background: theme.colors.background.primary, zIndex: 1 },
      '& tbody tr:hover': { background: theme.colors.action.hover },
    }),
  };
}
