import {
  Alert,
  Combobox,
  Field,
  FilterInput,
  FilterPill,
  IconButton,
  LinkButton,
  RadioButtonGroup,
  Stack,
} from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { resourceUrl } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type PeriodStatements } from '../../api/types';
import { useResource } from '../../api/useResource';
import { AsOf } from '../../components/AsOf';
import { withParams } from '../../components/DataTable';
import { Empty } from '../../components/Empty';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Freeze } from './Freeze';
import { StatementsTable } from './StatementsTable';

const kinds = ['Week', 'Month', 'Quarter', 'Year'].map((label) => ({ value: label.toLowerCase(), label }));

/** How all agreements did in a period, and what was frozen of it. */
export default function StatementsPage() {
  const [search] = useSearchParams();
  const resource = useResource<PeriodStatements>(`pages/statements?${search}`, undefined, true);
  return (
    <Page actions={<AsOf at={resource.value?.at} resource={resource} />}>
      <Loaded resource={resource}>
        {(period) => (
          <Stack direction="column" gap={2}>
            <PeriodChoice period={period} />
            <Toolbar period={period} />
            {period.reason && <Alert severity="info" title={period.reason} />}
            {period.rows.length > 0 ? (
              <StatementsTable period={period} />
            ) : (
              <Nothing period={period} filtered={search.has('search') || search.has('show')} />
            )}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

/** Sets parameters of the URL, and begins at the first page. */
function useSet() {
  const [, setSearch] = useSearchParams();
  return (set: Record<string, string>, replace = false) => setSearch((before) => withParams(before, set), { replace });
}

function PeriodChoice({ period: { by, name, periods } }: { period: PeriodStatements }) {
  const set = useSet();
  const place = periods.findIndex((one) => one.name === name);
  const [later, earlier] = [periods[place - 1], periods[place + 1]];
  return (
    <Stack wrap="wrap" gap={2} alignItems="end">
      <Field label="By" noMargin>
        <RadioButtonGroup
          options={kinds}
          value={by}
          onChange={(kind) => set({ by: kind, period: '' })}
          aria-label="Kind of period"
        />
      </Field>
      <Field label="Period" htmlFor="accord-period" noMargin>
        <Stack gap={0.5} alignItems="center">
          <IconButton
            name="angle-left"
            size="lg"
            disabled={!earlier}
            tooltip="Earlier"
            onClick={() => set({ period: earlier.name })}
          />
          <Combobox
            id="accord-period"
            width={28}
            options={periods.map((one) => ({ value: one.name, label: one.displayName ?? one.name }))}
            value={name}
            onChange={({ value }) => set({ period: value })}
          />
          <IconButton
            name="angle-right"
            size="lg"
            disabled={!later}
            tooltip="Later"
            onClick={() => set({ period: later.name })}
          />
        </Stack>
      </Field>
    </Stack>
  );
}

/** What is shown of the period, with how many there are of each; and what can be done with all of it. */
function Toolbar({ period }: { period: PeriodStatements }) {
  const { uid } = useDataSource();
  const [search] = useSearchParams();
  const set = useSet();
  const open = period.shown.find(({ value }) => value === 'open')?.count ?? 0;
  const file = (format: string) => resourceUrl(uid, `pages/statements?${withParams(search, { format })}`);
  return (
    <Stack wrap="wrap" gap={1} alignItems="center">
      <FilterInput
        width={32}
        placeholder="Search agreements, services and teams"
        aria-label="Search agreements, services and teams"
        value={search.get('search') ?? ''}
        onChange={(text) => set({ search: text }, true)}
      />
      {period.shown.map(({ value, label, count }) => (
        <FilterPill
          key={value}
          label={`${label} (${count.toLocaleString()})`}
          selected={search.get('show') === value}
          onClick={() => set({ show: search.get('show') === value ? '' : value })}
        />
      ))}
      {period.mayFreeze && open > 0 && <Freeze period={period} count={open} />}
      <LinkButton variant="secondary" icon="file-alt" href={file('html')} target="_blank">
        Print
      </LinkButton>
      <LinkButton variant="secondary" icon="download-alt" href={file('csv')} target="_blank">
        CSV
      </LinkButton>
      <LinkButton variant="secondary" icon="download-alt" href={file('markdown')} target="_blank">
        Markdown
      </LinkButton>
    </Stack>
  );
}

function Nothing({ period, filtered }: { period: PeriodStatements; filtered: boolean }) {
  return filtered ? (
    <Empty kind="not-found" title="No agreement is like that">
      Change the search or show all.
    </Empty>
  ) : (
    <Empty kind="not-found" title={`No agreement was in force in ${period.displayName ?? period.name}`}>
      Choose another period.
    </Empty>
  );
}
