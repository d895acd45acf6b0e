import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, Stack, Text, useStyles2, useTheme2 } from '@grafana/ui';
import { useCallback } from 'react';
import { useSearchParams } from 'react-router-dom';
import { callResource } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type AgreementList, type Choice } from '../../api/types';
import { Filter, Search } from '../../components/Filters';
import { setParams } from '../../paths';

/** The number of agreements in important states; a tile filters by its state, or shows all again. */
export function Tiles({ tiles }: { tiles: Choice[] }) {
  const styles = useStyles2(getStyles);
  const { colors } = useTheme2();
  const [search] = useSearchParams();
  const color: Record<string, string> = {
    breached: colors.error.text,
    at_risk: colors.warning.text,
    firing: colors.error.text,
    met: colors.success.text,
  };
  return (
    <div role="group" aria-label="Agreements by state" className={styles.tiles}>
      {tiles.map(({ value, label, count }) => {
        const pressed = search.get('state') === value;
        return (
          <button
            key={value}
            type="button"
            aria-pressed={pressed}
            className={styles.tile}
            onClick={() => setParams({ state: pressed ? '' : value })}
          >
            <span className={styles.count} style={count > 0 ? { color: color[value] } : undefined}>
              {count.toLocaleString()}
            </span>{' '}
            {label}
          </button>
        );
      })}
    </div>
  );
}

/** The labels of the filters with a list of values, by their parameters in the URL. */
const filters = {
  state: 'State',
  provider: 'Provider',
  consumer: 'Consumer',
  service: 'Service',
  stage: 'Stage',
  label: 'Label',
};

/** The search and the filters, which are in the URL. */
export function Filters({ list: { total, all, chosen } }: { list: AgreementList }) {
  const [search] = useSearchParams();
  return (
    <Stack wrap="wrap" alignItems="center" gap={1}>
      <Search label="Search agreements" />
      {Object.entries(filters).map(([name, label]) => (
        <AgreementFilter key={name} name={name} label={label} chosen={chosen[name]} />
      ))}
      {(search.get('search') || Object.keys(chosen).length > 0) && (
        <Button fill="text" icon="times" onClick={() => setParams({ ...nothing, search: '' })}>
          Clear filters
        </Button>
      )}
      <span role="status">
        <Text color="secondary">
          {total === all ? `All ${all.toLocaleString()}` : `${total.toLocaleString()} of ${all.toLocaleString()}`}
        </Text>
      </span>
    </Stack>
  );
}

const nothing = Object.fromEntries(Object.keys(filters).map((name) => [name, '']));

/** A filter with the values of the agreements, which the backend finds. */
export function AgreementFilter(filter: { name: string; label: string; chosen?: string }) {
  const { uid } = useDataSource();
  const [search] = useSearchParams();
  const { name } = filter;
  const params = search.toString();
  const choices = useCallback(
    async (typed: string) => {
      const asked = `${new URLSearchParams({ filter: name, typed })}${params && `&${params}`}`;
      return (await callResource<{ choices: Choice[] }>(uid, `pages/agreements/choices?${asked}`)).choices;
    },
    [uid, name, params],
  );
  return <Filter {...filter} choices={choices} />;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    tiles: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fit, minmax(110px, 1fr))',
      gap: theme.spacing(1),
    }),
    tile: css({
      padding: theme.spacing(1, 2),
      textAlign: 'left',
      color: theme.colors.text.secondary,
      background: theme.colors.background.secondary,
      border: '1px solid transparent',
      borderRadius: theme.shape.radius.default,
      '&:hover': { background: theme.colors.emphasize(theme.colors.background.secondary, 0.05) },
      '&[aria-pressed="true"]': { borderColor: theme.colors.primary.border, color: theme.colors.text.primary },
    }),
    count: css({
      display: 'block',
      color: theme.colors.text.primary,
      fontSize: theme.typography.h3.fontSize,
      fontVariantNumeric: 'tabular-nums',
    }),
  };
}
