import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Pagination, Stack, Text, TextLink, Tooltip, useStyles2 } from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { type Matrix as Answer, type Tally } from '../../api/types';
import { useResource } from '../../api/useResource';
import { pageParam, withParams } from '../../components/DataTable';
import { Empty } from '../../components/Empty';
import { Loaded } from '../../components/Loaded';
import { Search } from '../../components/Search';
import { StateBadge } from '../../components/StateBadge';
import { Unmeasured } from '../../components/Unmeasured';
import { usePaths } from '../../paths';

type Team = Answer['rows'][number];

const called = ({ name, displayName }: Pick<Team, 'name' | 'displayName'>) => displayName || name;

/** Who promises what to whom, with the worst state of each pair; a cell leads to its agreements. */
export function Matrix() {
  const [search] = useSearchParams();
  const list = useResource<Answer>(`pages/matrix?${search}`, undefined, true);
  return (
    <Loaded resource={list}>
      {(matrix) => (
        <Stack direction="column" gap={2}>
          <Unmeasured reasons={matrix.unmeasured} reload={list.reload} />
          <Search label="Search providers" />
          {matrix.rows.length === 0 ? (
            <Empty kind="not-found" title="No team of that name provides anything">
              Search for fewer words.
            </Empty>
          ) : (
            <Pairs matrix={matrix} />
          )}
        </Stack>
      )}
    </Loaded>
  );
}

const caption = 'Who promises what to whom';

function Pairs({ matrix: { consumers, moreConsumers, rows, total, pageSize } }: { matrix: Answer }) {
  const styles = useStyles2(getStyles);
  const paths = usePaths();
  const [search, setSearch] = useSearchParams();
  return (
    <>
      {/* As wide as there are teams: it scrolls by itself, by keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroll} role="group" aria-label={caption} tabIndex={0}>
        <table className={styles.table}>
          <caption className="sr-only">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">Provider ↓ consumer →</th>
              {consumers.map((team) => (
                <th key={team.name} scope="col">
                  <TextLink href={paths.team(team.name)} color="secondary">
                    {called(team)}
                  </TextLink>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((provider) => (
              <tr key={provider.name}>
                <th scope="row">
                  <TextLink href={paths.team(provider.name)} color="primary">
                    {called(provider)}
                  </TextLink>
                </th>
                {consumers.map((consumer) => (
                  <td key={consumer.name}>
                    <Pair
                      tally={provider.cells[consumer.name]}
                      says={`${called(provider)} for ${called(consumer)}`}
                      href={paths.agreements({ provider: provider.name, consumer: consumer.name })}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {moreConsumers > 0 && (
        <Text color="secondary">{`${moreConsumers.toLocaleString()} more consumers: search for a provider.`}</Text>
      )}
      <Pagination
        hideWhenSinglePage
        currentPage={Number(search.get(pageParam)) || 1}
        numberOfPages={Math.ceil(total / pageSize)}
        onNavigate={(page) => setSearch((before) => withParams(before, { [pageParam]: String(page) }))}
      />
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
        <TextLink href={href} color="primary" aria-label={text}>
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
      '& th, & td': { padding: theme.spacing(0.5, 1), borderBottom: `1px solid ${theme.colors.border.weak}` },
      '& th': { textAlign: 'left', fontWeight: theme.typography.fontWeightMedium, verticalAlign: 'bottom' },
      '& thead th:not(:first-child)': { maxWidth: 120 },
      '& tbody th': { position: 'sticky', left: 0, background: theme.colors.background.primary, zIndex: 1 },
      '& tbody tr:hover': { background: theme.colors.action.hover },
    }),
  };
}
