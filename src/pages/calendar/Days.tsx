import { css, cx } from '@emotion/css';
import { dateTimeForTimeZone, type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import { type CSSProperties, useMemo } from 'react';
import { type CalendarExclusion } from '../../api/types';
import { type DayEntries, type Entry, approvalStateOf, type Stretch } from './entries';
import { type View } from './range';
import { approvalColors, approvalIcons, standingWords } from './approvalState';

interface Props {
  view: View;
  days: DayEntries[];
  /** The day that the address names, and the present one. */
  date: string;
  today: string;
  timeZone: string;
  /** How the support hours that are shown are called; undefined when none are. */
  hoursOf?: string;
  onOpen: (exclusion: CalendarExclusion) => void;
}

/** The days side by side; one below the other where there is no room for seven. */
export function Days({ view, days, date, today, timeZone, hoursOf, onOpen }: Props) {
  const styles = useStyles2(getStyles);
  const month = date.slice(0, 7);
  return (
    <ol className={styles.grid}>
      {days.map((one) => (
        <li
          key={one.day.date}
          className={cx(
            styles.day,
            one.day.date === today && styles.today,
            view === 'month' && one.day.date.slice(0, 7) !== month && styles.outside,
          )}
          aria-current={one.day.date === today ? 'date' : undefined}
        >
          <h3 className={styles.heading}>
            {dateTimeForTimeZone(timeZone, one.day.from).format('ddd D MMM')}
            {one.day.date === today && <span className={styles.small}> {'Today'}</span>}
          </h3>
          {one.holiday !== undefined && (
            <div className={styles.small}>
              <Icon name="calendar-alt" size="sm" aria-hidden /> {one.holiday || 'Holiday'}
            </div>
          )}
          {hoursOf !== undefined && <Hours stretches={one.hours} day={one} timeZone={timeZone} />}
          <div className={view === 'week' ? styles.track : styles.list}>
            {view === 'week' &&
              one.hours.map((stretch) => (
                <div key={stretch.from} className={styles.hours} style={placed(stretch, one)} aria-hidden />
              ))}
            {view === 'week' &&
              [3, 6, 9, 12, 15, 18, 21].map((hour) => (
                <span key={hour} className={styles.clock} style={{ top: `${(100 * hour) / 24}%` }} aria-hidden>
                  {hour}
                </span>
              ))}
            {one.exclusions.map((entry) => (
              <Block
                key={`${entry.exclusion.name} ${entry.from}`}
                entry={entry}
                style={view === 'week' ? placed(entry, one, entry) : undefined}
                timeZone={timeZone}
                onOpen={onOpen}
              />
            ))}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Where a stretch stands in the track of its day: variables that only a wide screen uses. */
function placed({ from, to }: Stretch, { day }: DayEntries, lanes?: Pick<Entry, 'lane' | 'lanes'>): CSSProperties {
  const whole = day.to - day.from;
  return {
    '--top': `${(100 * (from - day.from)) / whole}%`,
    '--height': `${(100 * (to - from)) / whole}%`,
    '--left': lanes ? `${(100 * lanes.lane) / lanes.lanes}%` : '0',
    '--width': lanes ? `${100 / lanes.lanes}%` : '100%',
  } as CSSProperties;
}

function Hours({ stretches, day, timeZone }: { stretches: Stretch[]; day: DayEntries; timeZone: string }) {
  const styles = useStyles2(getStyles);
  const whole = stretches.length === 1 && stretches[0].from === day.day.from && stretches[0].to === day.day.to;
  return (
    <div className={styles.small}>
      {stretches.length === 0
        ? 'No support hours'
        : whole
          ? 'Support all day'
          : stretches.map((stretch) => spanWords(stretch, day.day.to, timeZone)).join(', ')}
    </div>
  );
}

/** «08:00–18:00»; the end of the day is 24:00. */
function spanWords({ from, to }: Stretch, midnight: number, timeZone: string): string {
  const clock = (instant: number) => dateTimeForTimeZone(timeZone, instant).format('HH:mm');
  return `${clock(from)}–${to === midnight ? '24:00' : clock(to)}`;
}

interface BlockProps {
  entry: Entry;
  style?: CSSProperties;
  timeZone: string;
  onOpen: Props['onOpen'];
}

function Block({ entry, style, timeZone, onOpen }: BlockProps) {
  const { exclusion, whole } = entry;
  const theme = useTheme2();
  const approvalState = approvalStateOf(exclusion);
  const styles = useStyles2(getStyles);
  const colors = useMemo(() => approvalColors(theme, approvalState), [theme, approvalState]);
  const at = (instant: number) => dateTimeForTimeZone(timeZone, instant).format('HH:mm');
  const title = exclusion.displayName || exclusion.name;
  return (
    <button
      type="button"
      className={cx(styles.block, style && styles.inTrack)}
      style={{
        ...style,
        borderColor: colors.border,
        borderStyle: approvalState === 'approved' ? 'solid' : 'dashed',
        background: `linear-gradient(${colors.fill}, ${colors.fill}), ${theme.colors.background.primary}`,
      }}
      title={`${title}. ${standingWords(exclusion)}`}
      onClick={() => onOpen(exclusion)}
    >
      <Icon name={approvalIcons[approvalState]} size="sm" aria-hidden style={{ color: colors.text }} />{' '}
      {`${at(whole.from)}–${at(whole.to)} `}
      {title}
      <span className="sr-only">. {standingWords(exclusion)}</span>
    </button>
  );
}

function getStyles(theme: GrafanaTheme2) {
  const narrow = theme.breakpoints.down('md');
  return {
    grid: css({
      display: 'grid',
      gridTemplateColumns: 'repeat(7, minmax(0, 1fr))',
      listStyle: 'none',
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)' },
    }),
    day: css({
      minHeight: 96,
      padding: theme.spacing(0.5),
      border: `0 solid ${theme.colors.border.weak}`,
      borderRightWidth: 1,
      borderBottomWidth: 1,
      '&:nth-of-type(7n)': { borderRightWidth: 0 },
      [narrow]: { minHeight: 0, borderRightWidth: 0 },
    }),
    today: css({ boxShadow: `inset 0 2px 0 ${theme.colors.primary.border}` }),
    outside: css({ background: theme.colors.background.secondary, [narrow]: { display: 'none' } }),
    heading: css({ ...theme.typography.bodySmall, fontWeight: theme.typography.fontWeightMedium, margin: 0 }),
    small: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
    list: css({ display: 'grid', gap: theme.spacing(0.5), marginTop: theme.spacing(0.5) }),
    track: css({
      position: 'relative',
      // Half an hour is a line of text.
      height: 24 * 32,
      marginTop: theme.spacing(0.5),
      // A line every three hours.
      backgroundImage: `linear-gradient(${theme.colors.border.weak} 1px, transparent 1px)`,
      backgroundSize: '100% 12.5%',
      [narrow]: { height: 'auto', backgroundImage: 'none', display: 'grid', gap: theme.spacing(0.5) },
    }),
    hours: css({
      position: 'absolute',
      insetInline: 0,
      top: 'var(--top)',
      height: 'var(--height)',
      background: theme.colors.success.transparent,
      borderLeft: `3px solid ${theme.colors.success.border}`,
      [narrow]: { display: 'none' },
    }),
    block: css({
      width: '100%',
      minHeight: 24,
      padding: theme.spacing(0.25, 0.5),
      overflow: 'hidden',
      borderWidth: 1,
      borderRadius: theme.shape.radius.default,
      color: theme.colors.text.primary,
      fontSize: theme.typography.bodySmall.fontSize,
      lineHeight: 1.3,
      textAlign: 'left',
      '&:hover, &:focus-visible': { zIndex: 1, outline: `2px solid ${theme.colors.primary.main}`, overflow: 'visible' },
    }),
    inTrack: css({
      [theme.breakpoints.up('md')]: {
        position: 'absolute',
        top: 'var(--top)',
        left: 'var(--left)',
        width: 'var(--width)',
        height: 'var(--height)',
        minHeight: 18,
        padding: theme.spacing(0, 0.5),
      },
    }),
    clock: css({
      position: 'absolute',
      right: 2,
      fontSize: 10,
      color: theme.colors.text.disabled,
      [narrow]: { display: 'none' },
    }),
  };
}
