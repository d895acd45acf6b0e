import { type DataFrame, FieldColorModeId, FieldType, LoadingState, MappingType, toDataFrame } from '@grafana/data';
import {
  EmbeddedScene,
  PanelBuilders,
  SceneControlsSpacer,
  SceneDataNode,
  SceneFlexItem,
  SceneFlexLayout,
  sceneGraph,
  SceneTimePicker,
  SceneTimeRange,
  UrlSyncContextProvider,
} from '@grafana/scenes';
import { LegendDisplayMode, VisibilityMode } from '@grafana/schema';
import { useEffect, useMemo } from 'react';
import { type Timeline as Answer } from '../../api/types';
import { useResource } from '../../api/useResource';
import { LoadingPage } from '../../components/Loaded';

/** The support hours and the exclusions of the table over the range of Grafana's time picker, a lane each. */
export default function Timeline({ search }: { search: string }) {
  const { scene, data, panel } = useMemo(() => timelineScene(), []);
  const { value: timeRange } = sceneGraph.getTimeRange(scene).useState();
  const range = new URLSearchParams({ from: timeRange.from.toISOString(), to: timeRange.to.toISOString() });
  const { value, error } = useResource<Answer>(`pages/timeline?${range}&${search}`, true);
  useEffect(() => {
    if (value) {
      const more = value.moreLanes > 0 ? `, without ${value.moreLanes.toLocaleString()} more: use a filter` : '';
      panel.setState({ title: `${panelTitle}${more}` });
    }
    const errors = error && [{ message: error.message }];
    const state = error ? LoadingState.Error : LoadingState.Done;
    data.setState({ data: { state, series: value?.lanes.map(laneFrame) ?? [], timeRange, errors } });
  }, [panel, data, value, error, timeRange]);
  return (
    <div style={{ flex: 1, minWidth: 0, display: 'flex' }}>
      <UrlSyncContextProvider scene={scene} updateUrlOnInit>
        {/* Without data the panel would show «No data». */}
        {value || error ? <scene.Component model={scene} /> : <LoadingPage />}
      </UrlSyncContextProvider>
    </div>
  );
}

const panelTitle = 'What counts';

function timelineScene() {
  const data = new SceneDataNode();
  const panel = PanelBuilders.statetimeline()
    .setTitle(panelTitle)
    .setOption('showValue', VisibilityMode.Never)
    // The backend limits the lanes; pagination, even of one page, would take space.
    .setOption('perPage', 0)
    // The default is a color scale, for which there is no legend.
    .setColor({ mode: FieldColorModeId.Fixed })
    .setOption('legend', { showLegend: true, displayMode: LegendDisplayMode.List, placement: 'bottom', calcs: [] })
    .setMappings([{ type: MappingType.ValueToText, options: values }])
    .build();
  const scene = new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-14d', to: 'now+14d' }),
    $data: data,
    controls: [new SceneControlsSpacer(), new SceneTimePicker({ isOnCanvas: true })],
    body: new SceneFlexLayout({ children: [new SceneFlexItem({ body: panel })] }),
  });
  return { scene, data, panel };
}

const values: Record<Answer['lanes'][number]['kind'], { text: string; color: string; index: number }> = {
  supportHours: { text: 'Support hours', color: 'green', index: 0 },
  excluded: { text: 'Does not count', color: 'blue', index: 1 },
  countsAsGood: { text: 'Counts as good', color: 'purple', index: 2 },
  notApproved: { text: 'Not approved: counts', color: 'orange', index: 3 },
};

function laneFrame({ name, displayName, kind, spans }: Answer['lanes'][number]): DataFrame {
  const times = spans.flatMap(({ from, to }) => [Date.parse(from), Date.parse(to)]);
  return toDataFrame({
    fields: [
      { name: 'time', type: FieldType.time, values: times },
      {
        name,
        type: FieldType.string,
        config: { displayName: displayName || name },
        values: spans.flatMap(() => [kind, null]),
      },
    ],
  });
}
