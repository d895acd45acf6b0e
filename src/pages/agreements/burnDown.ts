import { type DataFrame, FieldType } from '@grafana/data';
import { type ObjectiveStatus } from '../../api/types';

/** The error budget left of one objective over time: a share, 1 is all of it; null where it is not known. */
export interface BurnDown {
  /** Milliseconds. */
  times: number[];
  left: Array<number | null>;
}

/** An objective, or one group of it, of an agreement. */
export interface Line {
  agreement: string;
  objective: Pick<ObjectiveStatus, 'name' | 'group'>;
}

/** How a line is told from others. */
export function lineKey({ agreement, objective: { name, group } }: Line): string {
  const labels = Object.keys(group).sort();
  return JSON.stringify([agreement, name, labels.map((label) => [label, group[label]])]);
}

/** The line among the frames of a budget query; undefined when it could not be measured. */
export function burnDownOf(frames: DataFrame[], { agreement, objective: { name, group } }: Line): BurnDown | undefined {
  for (const { fields } of frames) {
    const time = fields.find((field) => field.type === FieldType.time);
    const value = fields.find((field) => field.type === FieldType.number);
    const labels = value?.labels;
    if (time && value && labels?.agreement === agreement && labels.objective === name && inGroup(labels, group)) {
      return { times: time.values, left: value.values };
    }
  }
  return undefined;
}

/** A label of a group that the data source has a use of its own for comes as group_<name>. */
function inGroup(labels: Record<string, string>, group: Record<string, string>): boolean {
  return Object.entries(group).every(([label, value]) => (labels[`group_${label}`] ?? labels[label]) === value);
}

/** What is drawn below this is at the bottom: what was overspent many times would flatten all else. */
const lowest = -1;

/** The line as the path of an SVG of that size, and the height at which the budget is spent. */
export function drawn({ times, left }: BurnDown, width: number, height: number): { path: string; spentAt: number } {
  const known = left.filter((value) => value !== null);
  const bottom = Math.max(lowest, Math.min(0, ...known));
  const from = times[0] ?? 0;
  const length = Math.max(1, (times.at(-1) ?? 0) - from);
  const y = (value: number) => round(height * (1 - (Math.max(bottom, Math.min(1, value)) - bottom) / (1 - bottom)));
  let pen = 'M';
  let path = '';
  left.forEach((value, i) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    path += `${pen}${round((width * (times[i] - from)) / length)} ${y(value)}`;
    pen = 'L';
  });
  return { path, spentAt: y(0) };
}

const round = (pixels: number) => Math.round(10 * pixels) / 10;
