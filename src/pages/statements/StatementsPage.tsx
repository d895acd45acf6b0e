import {
  Alert,
  Combobox,
  EmptyState,
  Field,
  FilterPill,
  IconButton,
  LinkButton,
  RadioButtonGroup,
  Stack,
  TextLink,
} from '@grafana/ui';
import { useSearchParams } from 'react-router-dom';
import { resourceUrl } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type Named, type PeriodStatements } from '../../api/types';
import { useList } from '../../api/useResource';
import { Search } from '../../components/Filters';
import { Loaded } from '../../components/Loaded';
import { titleOf } from '../../components/Named';
import { Page } from '../../components/Page';
import { setParams, usePaths, withParams } from '../../paths';
import { Freeze } from './Freeze';
import { StatementsTable } from './StatementsTable';

const kinds = ['Week', 'Month', 'Quarter', 'Year'].map((label) => ({ value: label.toLowerCase(), label }));

/** All agreements in a period, with their statements. */
export default function StatementsPage() {
  const [search] = useSearchParams();
  const paths = usePaths();
  const statements = useList<PeriodStatements>('pages/statements');
  const filtered = search.has('search') || search.has('show');
  return (
    <Page asOf={statements}>
      <Loaded resource={statements}>
        {(period) => (
          <>
            <PeriodChoice period={period} />
            <Toolbar period={period} />
            {period.reason && <Alert severity="info" title={period.reason} />}
            {period.rows.length > 0 || filtered ? (
              <StatementsTable period={period} />
            ) : (
              <EmptyState role="status" variant="not-found" message={`No agreement was in force in ${titleOf(period)}`}>
                Choose another period, or see <TextLink href={paths.agreements()}>the agreements there are</TextLink>.
              </EmptyState>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function PeriodChoice({ period: { by, name, periods } }: { period: PeriodStatements }) {
  const [search] = useSearchParams();
  const kind = search.get('by') ?? by;
  const chosen = search.get('period') ?? name;
  // Until the answer arrives, the known periods are of another kind.
  const offered = kind === by ? periods : [];
  const place = offered.findIndex((one) => one.name === chosen);
  const step = (icon: 'angle-left' | 'angle-right', tooltip: string, to?: Named) => (
    <IconButton
      name={icon}
      size="lg"
      disabled={!to}
      tooltip={tooltip}
      onClick={() => to && setParams({ period: to.name })}
    />
  );
  return (
    <Stack wrap="wrap" gap={2} alignItems="end">
      <Field label="By" noMargin>
        <RadioButtonGroup
          options={kinds}
          value={kind}
          onChange={(kind) => setParams({ by: kind, period: '' })}
          aria-label="Kind of period"
        />
      </Field>
      <Field label="Period" htmlFor="accord-period" noMargin>
        <Stack gap={0.5} alignItems="center">
          {step('angle-left', 'Earlier', offered[place + 1])}
          <Combobox
            id="accord-period"
            width={28}
            options={offered.map((one) => ({ value: one.name, label: titleOf(one) }))}
            value={offered.length > 0 ? chosen : null}
            onChange={({ value }) => setParams({ period: value })}
          />
          {step('angle-right', 'Later', offered[place - 1])}
        </Stack>
      </Field>
    </Stack>
  );
}

/** Filters of the period with their counts, and the actions for all of it. */
function Toolbar({ period }: { period: PeriodStatements }) {
  const { uid } = useDataSource();
  const [search] = useSearchParams();
  const open = period.shown.find(({ value }) => value === 'open')?.count ?? 0;
  return (
    <Stack wrap="wrap" gap={1} alignItems="center">
      <Search label="Search agreements, services and teams" />
      {period.shown.map(({ value, label, count }) => (
        <FilterPill
          key={value}
          label={`${label} (${count.toLocaleString()})`}
          selected={search.get('show') === value}
          onClick={() => setParams({ show: search.get('show') === value ? '' : value })}
        />
      ))}
      {formats.map(([format, label, icon]) => (
        <LinkButton
          key={format}
          variant="secondary"
          icon={icon}
          href={resourceUrl(uid, `pages/statements?${withParams(search, { format })}`)}
          target="_blank"
        >
          {label}
        </LinkButton>
      ))}
      {/* Hidden while searching, because it also freezes agreements that the search does not find; last, so that this moves no button. */}
      {period.mayFreeze && !search.get('search') && <Freeze key={period.name} period={period} count={open} />}
    </Stack>
  );
}

const formats = [
  ['html', 'Print', 'file-alt'],
  ['csv', 'CSV', 'download-alt'],
  ['markdown', 'Markdown', 'download-alt'],
] as const;
