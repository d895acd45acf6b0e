import { css } from '@emotion/css';
import { dateTimeForTimeZone, type GrafanaTheme2 } from '@grafana/data';
import { Button, Icon, RadioButtonGroup, Stack, useStyles2 } from '@grafana/ui';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { type Calendar, type CalendarExclusion, type CalendarHours, type Catalog } from '../../api/types';
import { useResource } from '../../api/useResource';
import { Loaded } from '../../components/Loaded';
import { Page } from '../../components/Page';
import { Term } from '../../components/Term';
import { Days } from './Days';
import { Details } from './Details';
import { entriesOf } from './entries';
import { concerned, Filters } from './Filters';
import { Propose } from './Propose';
import { dateOf, isDate, rangeAround, shownTimeZone, turned, type View } from './range';

/** Exclusions and support hours by week and month, and proposing an exclusion. */
export default function CalendarPage() {
  const [search, setSearch] = useSearchParams();
  const set = (params: Record<string, string | undefined>, replace = true) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(params)) {
          next.delete(name);
          if (value) {
            next.set(name, value);
          }
        }
        return next;
      },
      { replace },
    );
  const propose = search.get('propose') !== null;
  return (
    <Page
      subTitle={'When what was promised counts: support hours, and time that was agreed to be left out.'}
      actions={
        !propose && (
          <Button icon="plus" onClick={() => set({ propose: '1' }, false)}>
            {'Propose an exclusion'}
          </Button>
        )
      }
    >
      {propose ? <Propose onClose={() => set({ propose: undefined })} /> : <Shown search={search} set={set} />}
    </Page>
  );
}

interface ShownProps {
  search: URLSearchParams;
  set: (params: Record<string, string | undefined>, replace?: boolean) => void;
}

function Shown({ search, set }: ShownProps) {
  const styles = useStyles2(getStyles);
  const timeZone = shownTimeZone();
  const [now] = useState(() => Date.now());
  const today = dateOf(now, timeZone);
  const view: View = search.get('view') === 'week' ? 'week' : 'month';
  const asked = search.get('date');
  const date = isDate(asked) ? asked : today;
  const range = useMemo(() => rangeAround(view, date, timeZone), [view, date, timeZone]);
  const calendar = useResource<Calendar>('calendar', {
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
  });
  const catalog = useResource<Catalog>('catalog').value;
  const turn = (by: 1 | -1) => set({ date: turned(view, date, by) }, false);

  const agreements = concerned(search, catalog);
  const isShown = (one: CalendarExclusion) =>
    !agreements || one.concerns.some(({ agreement }) => agreements.has(agreement));
  const open = calendar.value?.exclusions.find(({ name }) => name === search.get('open'));
  const common = { view, date, today, timeZone, onOpen: ({ name }: CalendarExclusion) => set({ open: name }, false) };

  function onKeyDown(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const act: Record<string, (() => void) | undefined> = {
      ArrowLeft: () => turn(-1),
      PageUp: () => turn(-1),
      ArrowRight: () => turn(1),
      PageDown: () => turn(1),
      t: () => set({ date: undefined }, false),
      w: () => set({ view: 'week' }, false),
      m: () => set({ view: undefined }, false),
    };
    const chosen = act[event.key];
    if (chosen) {
      event.preventDefault();
      chosen();
    }
  }

  return (
    <>
      <div className={styles.bar}>
        <Stack alignItems="center" wrap="wrap">
          <Button
            variant="secondary"
            icon="angle-left"
            aria-label={view === 'week' ? 'Week before' : 'Month before'}
            onClick={() => turn(-1)}
          />
          <Button variant="secondary" onClick={() => set({ date: undefined }, false)}>
            {'Today'}
          </Button>
          <Button
            variant="secondary"
            icon="angle-right"
            aria-label={view === 'week' ? 'Week after' : 'Month after'}
            onClick={() => turn(1)}
          />
          <h2 className={styles.title} aria-live="polite">
            {title(view, range.days[0].from, range.days[range.days.length - 1].from, date, timeZone)}
          </h2>
          <RadioButtonGroup
            aria-label={'View'}
            options={[
              { value: 'week' as const, label: 'Week' },
              { value: 'month' as const, label: 'Month' },
            ]}
            value={view}
            onChange={(next) => set({ view: next === 'week' ? next : undefined }, false)}
          />
        </Stack>
        <span className={styles.zone}>
          <Icon name="clock-nine" aria-hidden /> {`Times in ${timeZone}`}
        </span>
      </div>
      <Filters search={search} set={set} catalog={catalog} hours={calendar.value?.supportHours} />
      {/* eslint-disable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex -- the arrow keys turn the pages of what is a list */}
      <section
        tabIndex={0}
        className={styles.region}
        aria-label={'Calendar. Arrow keys turn to the weeks or months before and after, t to today.'}
        aria-busy={calendar.state === 'loading'}
        onKeyDown={onKeyDown}
      >
        {/* The days are known at once; what is on them comes. */}
        <Loaded resource={calendar} loading={<Days {...common} days={entriesOf(range.days, [])} />}>
          {({ exclusions, supportHours }) => {
            const hours = hoursShown(supportHours, search, agreements);
            return (
              <Days
                {...common}
                days={entriesOf(range.days, exclusions.filter(isShown), hours)}
                hoursOf={hours && (hours.displayName || hours.name)}
              />
            );
          }}
        </Loaded>
      </section>
      {/* eslint-enable */}
      {calendar.value && (
        <Legend
          hours={hoursShown(calendar.value.supportHours, search, agreements)}
          count={calendar.value.exclusions.filter(isShown).length}
        />
      )}
      {open && (
        <Details key={open.name} exclusion={open} onClose={() => set({ open: undefined })} reload={calendar.reload} />
      )}
    </>
  );
}

/** The support hours that were chosen, else the first of the agreements that are looked at. */
function hoursShown(
  all: CalendarHours[],
  search: URLSearchParams,
  agreements?: Set<string>,
): CalendarHours | undefined {
  return (
    all.find(({ name }) => name === search.get('hours')) ??
    all.find((one) => !agreements || one.agreements.some((name) => agreements.has(name)))
  );
}

function Legend({ hours, count }: { hours?: CalendarHours; count: number }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.legend}>
      {count === 0 && <p>{'No exclusions in this time: everything counts as it was promised.'}</p>}
      <span>
        <Icon name="check-circle" aria-hidden /> {'approved: does not count'}
      </span>
      <span>
        <Icon name="question-circle" aria-hidden /> {'proposed: still counts'}
      </span>
      <span>
        <Icon name="adjust-circle" aria-hidden /> {'approved for some agreements'}
      </span>
      {hours && (
        <span>
          <span className={styles.swatch} aria-hidden />{' '}
          <Term name="supportHours">
            {`support hours «${hours.displayName || hours.name}», kept in ${hours.timeZone}`}
          </Term>
        </span>
      )}
      <Term name="exclusion" />
    </div>
  );
}

/** «November 2026», or the days of a week: «23 – 29 Nov 2026». */
function title(view: View, first: number, last: number, date: string, timeZone: string): string {
  const at = (instant: number) => dateTimeForTimeZone(timeZone, instant);
  return view === 'month'
    ? dateTimeForTimeZone('utc', `${date.slice(0, 7)}-15`).format('MMMM YYYY')
    : `${at(first).format('D MMM')} – ${at(last).format('D MMM YYYY')}`;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    bar: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      justifyContent: 'space-between',
      gap: theme.spacing(1, 2),
      marginBottom: theme.spacing(1),
    }),
    title: css({ ...theme.typography.h4, margin: 0, minWidth: '11ch' }),
    zone: css({ color: theme.colors.text.secondary }),
    region: css({ '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 } }),
    legend: css({
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0.5, 2),
      marginTop: theme.spacing(1),
      color: theme.colors.text.secondary,
      '& p': { width: '100%', margin: 0 },
    }),
    swatch: css({
      display: 'inline-block',
      width: 14,
      height: 14,
      verticalAlign: 'text-bottom',
      background: theme.colors.success.transparent,
      borderLeft: `3px solid ${theme.colors.success.border}`,
    }),
  };
}
