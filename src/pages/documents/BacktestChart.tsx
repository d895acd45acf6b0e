import {
  type DataFrame,
  dateTime,
  FieldType,
  LoadingState,
  makeTimeRange,
  ThresholdsMode,
  toDataFrame,
} from '@grafana/data';
import {
  EmbeddedScene,
  PanelBuilders,
  SceneDataNode,
  SceneFlexItem,
  SceneFlexLayout,
  SceneTimeRange,
} from '@grafana/scenes';
import { GraphThresholdsStyleMode, SortOrder, TooltipDisplayMode } from '@grafana/schema';
import { useMemo } from 'react';
import { type Backtest } from '../../api/types';

type Group = Backtest['groups'][number];

interface Props {
  backtest: Backtest;
  group: Group;
}

/** The error budget over time with the present definition and with the proposed one. */
export default function BacktestChart({ backtest, group }: Props) {
  const scene = useMemo(() => chartScene(backtest, group), [backtest, group]);
  return (
    <div style={{ height: 280, display: 'flex' }}>
      <scene.Component model={scene} />
    </div>
  );
}

function chartScene({ from, to }: Backtest, { present, proposed }: Group) {
  const timeRange = makeTimeRange(dateTime(from), dateTime(to));
  const series = [frameOf('Present', present), frameOf('Proposed', proposed)].filter((frame) => frame !== undefined);
  const panel = PanelBuilders.timeseries()
    .setTitle('Error budget left')
    .setUnit('percentunit')
    .setMax(1)
    .setCustomFieldConfig('thresholdsStyle', { mode: GraphThresholdsStyleMode.Dashed })
    .setCustomFieldConfig('axisSoftMin', 0)
    .setOption('tooltip', { mode: TooltipDisplayMode.Multi, sort: SortOrder.Ascending })
    .build();
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: timeRange.from.toISOString(), to: timeRange.to.toISOString() }),
    $data: new SceneDataNode({ data: { state: LoadingState.Done, series, timeRange } }),
    body: new SceneFlexLayout({ children: [new SceneFlexItem({ body: panel })] }),
  });
}

/** Below this line the budget is overspent. */
const zeroLine = {
  mode: ThresholdsMode.Absolute,
  steps: [
    { value: -Infinity, color: 'transparent' },
    { value: 0, color: 'red' },
  ],
};

/** A frame of points [unixSeconds, share]; unknown shares break the line. */
function frameOf(name: string, side: Group['present']): DataFrame | undefined {
  return side
    ? toDataFrame({
        fields: [
          { name: 'time', type: FieldType.time, values: side.budget.map(([at]) => 1000 * Number(at)) },
          {
            name,
            type: FieldType.number,
            config: { displayName: name, thresholds: zeroLine },
            values: side.budget.map(([, share]) => (typeof share === 'number' ? share : null)),
          },
        ],
      })
    : undefined;
}
