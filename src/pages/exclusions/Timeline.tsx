import { type DataFrame, FieldType, LoadingState, MappingType, toDataFrame } from '@grafana/data';
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
} from '@grafana/scenes';
import { LegendDisplayMode, VisibilityMode } from '@grafana/schema';
import { useEffect, useMemo } from 'react';
import { getResource } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type Timeline as Answer } from '../../api/types';

/** When what was promised counts, over the range of Grafana's time picker: support hours and the exclusions of the table, a lane each. */
export default function Timeline({ search }: { search: string }) {
  const { uid } = useDataSource();
  const { scene, data, title } = useMemo(() => timelineScene(), []);
  useEffect(() => {
    const range = sceneGraph.getTimeRange(scene);
    let abort = new AbortController();
    const load = () => {
      abort.abort();
      abort = new AbortController();
      const { value } = range.state;
      const show = (series: DataFrame[], message?: string) =>
        data.setState({
          data: {
            state: message ? LoadingState.Error : LoadingState.Done,
            series,
            timeRange: value,
            errors: message ? [{ message }] : undefined,
          },
        });
      const asked = new URLSearchParams({ from: value.from.toISOString(), to: value.to.toISOString() });
      getResource<Answer>(uid, `pages/timeline?${asked}&${search}`, undefined, abort.signal).then(
        ({ lanes, moreLanes }) => {
          title(moreLanes);
          show(lanes.map(laneFrame));
        },
        (error: Error) => !abort.signal.aborted && show([], error.message),
      );
    };
    load();
    const changes = range.subscribeToState(load);
    return () => {
      changes.unsubscribe();
      abort.abort();
    };
  }, [scene, data, uid, search, title]);
  return (
    <div style={{ flex: 1, minWidth: 0, display: 'flex' }}>
      <scene.Component model={scene} />
    </div>
  );
}

const panelTitle = 'What counts';

function timelineScene() {
  const data = new SceneDataNode();
  const panel = PanelBuilders.statetimeline()
    .setTitle(panelTitle)
    .setOption('showValue', VisibilityMode.Never)
    .setOption('legend', { showLegend: true, displayMode: LegendDisplayMode.List, placement: 'bottom', calcs: [] })
    .setMappings([{ type: MappingType.ValueToText, options: values }])
    .build();
  const scene = new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-14d', to: 'now+14d' }),
    $data: data,
    controls: [new SceneControlsSpacer(), new SceneTimePicker({ isOnCanvas: true })],
    body: new SceneFlexLayout({
      children: [new SceneFlexItem({ body: panel })],
    }),
  });
  const title = (more: number) =>
    panel.setState({
      title: more > 0 ? `${panelTitle}, without ${more.toLocaleString()} more: use a filter` : panelTitle,
    });
  return { scene, data, title };
}

const values: Record<Answer['lanes'][number]['kind'], { text: string; color: string; index: number }> = {
  supportHours: { text: 'Support hours', color: 'green', index: 0 },
  excluded: { text: 'Does not count', color: 'blue', index: 1 },
  countsAsGood: { text: 'Counts as good', color: 'purple', index: 2 },
  notApproved: { text: 'Not approved: counts', color: 'orange', index: 3 },
};

function laneFrame({ name, displayName, kind, spans }: Answer['lanes'][number]): DataFrame {
  const label = displayName || name;
  const times = spans.flatMap(({ from, to }) => [Date.parse(from), Date.parse(to)]);
  return toDataFrame({
    fields: [
      { name: 'time', type: FieldType.time, values: times },
      { name, type: FieldType.string, config: { displayName: label }, values: spans.flatMap(() => [kind, null]) },
    ],
  });
}
