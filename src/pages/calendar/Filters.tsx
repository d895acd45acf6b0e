import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Combobox, useStyles2 } from '@grafana/ui';
import { useId } from 'react';
import { type CalendarHours, type Catalog } from '../../api/types';
import { HiddenLabel } from '../../components/HiddenLabel';

interface Props {
  search: URLSearchParams;
  set: (params: Record<string, string | undefined>) => void;
  catalog?: Catalog;
  hours?: CalendarHours[];
}

/** Which agreements are looked at, and whose support hours are shown. */
export function Filters({ search, set, catalog, hours }: Props) {
  const styles = useStyles2(getStyles);
  const id = useId();
  const named = (all: Array<{ name: string; displayName?: string }> = []) =>
    all.map(({ name, displayName }) => ({ value: name, label: displayName || name }));
  const pickers = [
    { param: 'team', label: 'Team', options: named(catalog?.teams) },
    { param: 'service', label: 'Service', options: named(catalog?.services) },
    { param: 'agreement', label: 'Agreement', options: named(catalog?.agreements) },
    { param: 'hours', label: 'Support hours', options: named(hours) },
  ];
  return (
    <div className={styles.filters}>
      {pickers.map(({ param, label, options }) => (
        <div key={param}>
          <HiddenLabel id={`${id}-${param}`}>{label}</HiddenLabel>
          <Combobox
            aria-labelledby={`${id}-${param}`}
            placeholder={label}
            width="auto"
            minWidth={20}
            maxWidth={40}
            isClearable
            options={options}
            value={search.get(param)}
            onChange={(option) => set({ [param]: option?.value })}
          />
        </div>
      ))}
    </div>
  );
}

/** The agreements that the filters leave; undefined when there are no filters. */
export function concerned(search: URLSearchParams, catalog?: Catalog): Set<string> | undefined {
  const [team, service, agreement] = ['team', 'service', 'agreement'].map((param) => search.get(param));
  if (!team && !service && !agreement) {
    return undefined;
  }
  const left = (catalog?.agreements ?? []).filter(
    (one) =>
      (!team || one.provider === team || one.consumers.includes(team)) &&
      (!service || one.service === service) &&
      (!agreement || one.name === agreement),
  );
  return new Set(left.map(({ name }) => name));
}

function getStyles(theme: GrafanaTheme2) {
  return {
    filters: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), marginBottom: theme.spacing(2) }),
  };
}
