import { FieldType, toDataFrame, type DataFrame, type Field } from '@grafana/data';
import { isCalendar, periodAround } from './when';

/**
 * The series under the names that tell them apart on this page: the values of
 * their groups, then what `label` says (such as a window); `alone` where there
 * is nothing to tell apart.
 */
export function named(frames: DataFrame[], groupBy: string[], alone: string, label?: string): DataFrame[] {
  const name = ({ labels }: Field) =>
    [...groupBy, ...(label ? [label] : [])]
      .map((key) => labels?.[key])
      .filter(Boolean)
      .join(', ') || alone;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      field.type === FieldType.number ? { ...field, config: { ...field.config, displayName: name(field) } } : field,
    ),
  }));
}

/**
 * What was good as a line, what was bad as bars with a scale of their own: a
 * handful among millions has to be seen.
 */
export function goodAndBad(frames: DataFrame[], groupBy: string[]): DataFrame[] {
  const words: Record<string, string> = {
    good: 'Good',
    bad: 'Bad',
  };
  const changed = (field: Field): Field => {
    const counted = field.labels?.counted ?? '';
    const group = groupBy.map((key) => field.labels?.[key]).filter(Boolean);
    const custom = counted === 'bad' ? bars : { fillOpacity: 10 };
    // A shade for each group of what its state has one colour for.
    const color = groupBy.length > 0 ? { ...field.config.color, mode: 'shades' } : field.config.color;
    const displayName = [...group, words[counted] ?? counted].join(', ');
    const unit = field.config.unit ?? 'locale';
    return { ...field, config: { ...field.config, unit, color, displayName, custom } };
  };
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => (field.type === FieldType.number ? changed(field) : field)),
  }));
}

const bars = { drawStyle: 'bars', fillOpacity: 80, lineWidth: 0, axisPlacement: 'right', barAlignment: -1 };

/**
 * With the line along which a calendar period's budget is spent evenly: 1 at its
 * start, 0 at its end. A rolling window has none: it forgets as it spends.
 */
export function withEvenPace(frames: DataFrame[], window: string, timeZone: string): DataFrame[] {
  const times: number[] = frames[0]?.fields.find((field) => field.type === FieldType.time)?.values ?? [];
  if (!isCalendar(window) || times.length === 0) {
    return frames;
  }
  const value = times.map((time) => {
    const { from, end } = periodAround(time, window, timeZone);
    return (end - time) / (end - from);
  });
  const config = {
    displayName: 'Even pace',
    unit: 'percentunit',
    color: { mode: 'fixed', fixedColor: 'text' },
    custom: { lineStyle: { fill: 'dash', dash: [8, 8] }, lineWidth: 1, fillOpacity: 0 },
  };
  return [
    ...frames,
    toDataFrame({
      refId: frames[0].refId,
      fields: [
        { name: 'time', type: FieldType.time, values: times },
        { name: 'value', type: FieldType.number, values: value, config },
      ],
    }),
  ];
}
