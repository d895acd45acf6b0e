import { arrayToDataFrame, type DataFrame, DataTopic, dateTime, LoadingState, type TimeRange } from '@grafana/data';
import { sceneGraph, SceneDataLayerBase } from '@grafana/scenes';
import { from, type Unsubscribable } from 'rxjs';
import { getResource } from '../../api/client';
import { type Calendar } from '../../api/types';

interface State {
  name: string;
  /** The data source. */
  uid: string;
  /** The calendar with the support hours. */
  calendar: string;
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

  onEnable() {
    this.range = sceneGraph.getTimeRange(this).subscribeToState(() => this.runLayer());
  }

  onDisable() {
    this.range?.unsubscribe();
  }

  runLayer() {
    const { uid, calendar } = this.state;
    const timeRange = sceneGraph.getTimeRange(this).state.value;
    this.querySub?.unsubscribe();
    this.querySub = from(outside(uid, calendar, timeRange)).subscribe({
      next: (frame) => this.publishResults({ state: LoadingState.Done, timeRange, series: [frame] }),
      error: ({ message }: Error) =>
        this.publishResults({ state: LoadingState.Error, timeRange, series: [], errors: [{ message }] }),
    });
  }
}

/** What of a range lies outside of the hours of the calendar, as regions. */
async function outside(uid: string, calendar: string, range: TimeRange): Promise<DataFrame> {
  const params = { from: range.from.toISOString(), to: range.to.toISOString() };
  const short = range.to.diff(range.from, 'days', true) <= longestDays;
  const all = short ? (await getResource<Calendar>(uid, 'calendar', params)).supportHours : [];
  // The spans are in order and do not overlap: what lies between them is outside.
  const spans = all.find(({ name }) => name === calendar)?.spans;
  const edges = spans?.flatMap((span) => [dateTime(span.from).valueOf(), dateTime(span.to).valueOf()]) ?? [];
  const times = spans ? [range.from.valueOf(), ...edges, range.to.valueOf()] : [];
  const regions = Array.from({ length: times.length / 2 }, (_, i) => ({
    time: times[2 * i],
    timeEnd: times[2 * i + 1],
    isRegion: true,
    title: 'Outside of support hours',
    text: 'What happens here does not count.',
    color: shade,
  })).filter(({ time, timeEnd }) => time < timeEnd);
  const frame = arrayToDataFrame(regions, ['time', 'timeEnd', 'isRegion', 'title', 'text', 'color']);
  frame.meta = { dataTopic: DataTopic.Annotations };
  return frame;
}
