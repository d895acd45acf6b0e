import { arrayToDataFrame, DataTopic, dateTime, LoadingState, type TimeRange } from '@grafana/data';
import { sceneGraph, SceneDataLayerBase, type SceneTimeRangeLike } from '@grafana/scenes';
import { type Unsubscribable } from 'rxjs';
import { getResource } from '../../api/client';
import { type Calendar, type CalendarHours } from '../../api/types';

interface Of {
  /** The data source. */
  uid: string;
  /** The calendar with the support hours. */
  calendar: string;
}

interface State {
  name: string;
  isEnabled?: boolean;
  of: Of;
}

/**
 * A panel fills a region with a tenth of its colour, whatever its opacity, and
 * draws its edges as it is: without any opacity there is a shade and no lines,
 * of which two a day would hide the curves.
 */
const shade = 'rgba(128, 128, 128, 0)';

/** Longer ranges are not shaded: nights are thinner than a pixel there, and the resource has this limit. */
const longestDays = 100;

/** Shades the time outside of support hours, in which nothing counts. */
export class SupportHoursLayer extends SceneDataLayerBase<State & ConstructorParameters<typeof SceneDataLayerBase>[0]> {
  private range?: Unsubscribable;
  private abort?: AbortController;

  onEnable() {
    this.range = sceneGraph.getTimeRange(this).subscribeToState(() => this.runLayer());
  }

  onDisable() {
    this.range?.unsubscribe();
    this.abort?.abort();
  }

  runLayer() {
    void this.shadeRange(sceneGraph.getTimeRange(this));
  }

  private async shadeRange({ state: { value } }: SceneTimeRangeLike) {
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    try {
      const hours = await supportHours(this.state.of, value, abort.signal);
      if (!abort.signal.aborted) {
        this.publish(value, LoadingState.Done, hours ? outside(hours, value) : []);
      }
    } catch (error) {
      if (!abort.signal.aborted) {
        this.publish(value, LoadingState.Error, [], (error as Error).message);
      }
    }
  }

  private publish(timeRange: TimeRange, state: LoadingState, spans: Span[], message?: string) {
    const frame = arrayToDataFrame(spans.map(region), ['time', 'timeEnd', 'isRegion', 'title', 'text', 'color']);
    frame.meta = { dataTopic: DataTopic.Annotations };
    this.publishResults({ state, timeRange, series: [frame], errors: message ? [{ message }] : undefined });
  }
}

async function supportHours(of: Of, range: TimeRange, signal: AbortSignal): Promise<CalendarHours | undefined> {
  if (range.to.diff(range.from, 'days', true) > longestDays) {
    return undefined;
  }
  const params = { from: range.from.toISOString(), to: range.to.toISOString() };
  const { supportHours: all } = await getResource<Calendar>(of.uid, 'calendar', params, signal);
  return all.find(({ name }) => name === of.calendar);
}

/** Unix milliseconds. */
interface Span {
  from: number;
  to: number;
}

/** What of a range lies outside of the hours, which are in order and do not overlap. */
export function outside({ spans }: Pick<CalendarHours, 'spans'>, range: Pick<TimeRange, 'from' | 'to'>): Span[] {
  const edges = spans.flatMap(({ from, to }) => [dateTime(from).valueOf(), dateTime(to).valueOf()]);
  const all = [range.from.valueOf(), ...edges, range.to.valueOf()];
  const gaps = Array.from({ length: all.length / 2 }, (_, i) => ({ from: all[2 * i], to: all[2 * i + 1] }));
  return gaps.filter(({ from, to }) => from < to);
}

function region({ from, to }: Span) {
  return {
    time: from,
    timeEnd: to,
    isRegion: true,
    title: 'Outside of support hours',
    text: 'What happens here does not count.',
    color: shade,
  };
}
