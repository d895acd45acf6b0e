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
import { type Calendar } from '../../api/types';

/** When what was promised counts, over the range of Grafana's time picker: support hours and exclusions, a lane each. */
export default function Timeline({ agreement }: { agreement?: string }) {
  const { uid } = useDataSource();
  const { scene, data } = useMemo(() => timelineScene(), []);
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
      const params = { from: value.from.toISOString(), to: value.to.toISOString() };
      getResource<Calendar>(uid, 'calendar', params, abort.signal).then(
        (calendar) => show(framesOf(calendar, agreement)),
        (error: Error) => !abort.signal.aborted && show([], error.message),
      );
    };
    load();
    const changes = range.subscribeToState(load);
    return () => {
      changes.unsubscribe();
      abort.abort();
    };
  }, [scene, data, uid, agreement]);
  return (
    <div style={{ height: 260, display: 'flex' }}>
      <scene.Component model={scene} />
    </div>
  );
}

function timelineScene() {
  const data = new SceneDataNode();
  const scene = new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-14d', to: 'now+14d' }),
    $data: data,
    controls: [new SceneControlsSpacer(), new SceneTimePicker({ isOnCanvas: true })],
    body: new SceneFlexLayout({
      children: [
        new SceneFlexItem({
          body: PanelBuilders.statetimeline()
            .setTitle('What counts')
            .setOption('showValue', VisibilityMode.Never)
            .setOption('legend', {
              showLegend: true,
              displayMode: LegendDisplayMode.List,
              placement: 'bottom',
              calcs: [],
            })
            .setMappings([{ type: MappingType.ValueToText, options: values }])
            .build(),
        }),
      ],
    }),
  });
  return { scene, data };
}

const values = {
  support: { text: 'Support hours', color: 'green', index: 0 },
  approved: { text: 'Does not count', color: 'blue', index: 1 },
  proposed: { text: 'Proposed: counts', color: 'orange', index: 2 },
};

/** A lane for the support hours of each calendar, and for each exclusion that occurs. */
function framesOf({ exclusions, supportHours }: Calendar, agreement?: string): DataFrame[] {
  const about = <T,>(names: T[], of: (one: T) => string) => !agreement || names.some((one) => of(one) === agreement);
  const hours = supportHours
    .filter((one) => about(one.agreements, (name) => name))
    .map((one) => lane(`Support hours ${one.displayName || one.name}`, one.spans, 'support'));
  const excluded = exclusions
    .filter((one) => about(one.concerns, (concern) => concern.agreement))
    .map((one) =>
      lane(
        one.displayName || one.name,
        one.occurrences,
        one.concerns.some(({ hasEffect }) => hasEffect) ? 'approved' : 'proposed',
      ),
    );
  return [...hours, ...excluded];
}

function lane(name: string, spans: Array<{ from: string; to: string }>, value: keyof typeof values): DataFrame {
  return toDataFrame({
    fields: [
      {
        name: 'time',
        type: FieldType.time,
        values: spans.flatMap(({ from, to }) => [Date.parse(from), Date.parse(to)]),
      },
      { name, type: FieldType.string, config: { displayName: name }, values: spans.flatMap(() => [value, null]) },
    ],
  });
}
