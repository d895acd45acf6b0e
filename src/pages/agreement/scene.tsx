import { type DataFrame, type Field, FieldType, MappingType } from '@grafana/data';
import {
  dataLayers,
  EmbeddedScene,
  PanelBuilders,
  SceneControlsSpacer,
  SceneCSSGridLayout,
  SceneDataLayerSet,
  SceneDataTransformer,
  sceneGraph,
  type SceneComponentProps,
  SceneObjectBase,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
} from '@grafana/scenes';
import {
  AxisPlacement,
  type DataSourceRef,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  ScaleDistribution,
  SortOrder,
  TooltipDisplayMode,
} from '@grafana/schema';
import { InlineSwitch, Stack } from '@grafana/ui';
import { map } from 'rxjs/operators';
import { schemaVersion, type Query, type QueryType } from '../../datasource/types';

/** The subject of the charts: one objective of an agreement, with all its groups. */
export interface ChartsOf {
  datasource: DataSourceRef & { uid: string };
  agreement: string;
  /** Absent for an SLO without an agreement, which may have the name of one. */
  provider?: string;
  objective: string;
  groupBy: string[];
  /** A window such as 28d or month. */
  window: string;
  /** The target in force now, a ratio. */
  target: number;
  /** The calendar with the support hours; absent: around the clock. */
  supportHours?: string;
}

/** The charts of one objective as Grafana panels. The URL has their time range. */
export function chartsScene(of: ChartsOf): EmbeddedScene {
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: firstRange(of.window), to: 'now' }),
    $data: new SceneDataLayerSet({ layers: layers(of) }),
    controls: [
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ intervals: ['1m', '5m', '15m'], isOnCanvas: true, withText: true }),
      new SceneControlsSpacer(),
      new LayerSwitches(),
    ],
    body: new SceneCSSGridLayout({
      templateColumns: 'repeat(auto-fit, minmax(min(100%, 420px), 1fr))',
      autoRows: '240px',
      isLazy: true,
      children: [compliance(of), budget(of), burnRates(of), events(of)],
    }),
  });
}

/** The first range: a few windows of a short objective, but not so long that it loads slowly. */
function firstRange(window: string): string {
  return ['1d', 'day', '7d', 'week'].includes(window) ? 'now-7d' : 'now-30d';
}

function query(of: ChartsOf, queryType: QueryType, more: Partial<Query> = {}): Query {
  return {
    refId: 'A',
    datasource: of.datasource,
    schemaVersion,
    queryType,
    agreements: [of.agreement],
    providers: [of.provider ?? '/^$/'],
    objectives: [of.objective],
    ...more,
  };
}

/**
 * A panel fills a region with 10% of its color at any opacity, but draws its
 * edges in the color itself. With opacity 0 there are no edges: two lines a day
 * would hide the curves.
 */
const shade = 'rgba(128, 128, 128, 0)';

/** Annotations of all charts: what does not count, and what burned the budget; the largest first, below the others. */
function layers(of: ChartsOf) {
  return [
    ...(of.supportHours ? [annotations(of, 'outsideHours', 'Outside of support hours', shade)] : []),
    annotations(of, 'incidents', 'Incidents', 'red'),
    annotations(of, 'exclusions', 'Exclusions', 'blue'),
  ];
}

function annotations(of: ChartsOf, queryType: QueryType, name: string, iconColor: string) {
  return new dataLayers.AnnotationsDataLayer({
    name,
    query: { name, iconColor, enable: true, datasource: of.datasource, target: query(of, queryType) },
  });
}

/** The data of a query, with its numbers changed for the chart. */
function data(of: ChartsOf, asked: Query, change: (field: Field) => Field) {
  const changed = (field: Field) => (field.type === FieldType.number ? change(field) : field);
  const all = (frames: DataFrame[]) => frames.map((frame) => ({ ...frame, fields: frame.fields.map(changed) }));
  return new SceneDataTransformer({
    $data: new SceneQueryRunner({ datasource: of.datasource, queries: [asked] }),
    transformations: [() => (source) => source.pipe(map(all))],
  });
}

function chart(title: string, description: string) {
  return PanelBuilders.timeseries()
    .setTitle(title)
    .setDescription(description)
    .setCustomFieldConfig('lineWidth', 2)
    .setCustomFieldConfig('thresholdsStyle', { mode: GraphThresholdsStyleMode.Dashed })
    .setCustomFieldConfig('axisPlacement', AxisPlacement.Left)
    .setOption('legend', { showLegend: true, displayMode: LegendDisplayMode.List, placement: 'bottom', calcs: [] })
    .setOption('tooltip', { mode: TooltipDisplayMode.Multi, sort: SortOrder.Ascending });
}

function compliance(of: ChartsOf) {
  const title = 'Compliance';
  const about = 'The share of good in the window that ends at each point. The dashed line is the target.';
  return chart(title, about)
    .setData(data(of, query(of, 'compliance'), named(of.groupBy, title)))
    .setCustomFieldConfig('axisSoftMin', of.target - (1 - of.target) / 4)
    .setMax(1)
    .setDecimals(2 + extraDecimals(of.target))
    .build();
}

/** Digits to tell the line from the target: 99.95% needs more than 90%. */
function extraDecimals(target: number): number {
  return target >= 1 ? 2 : Math.max(0, Math.ceil(-Math.log10(1 - target)) - 2);
}

function budget(of: ChartsOf) {
  const about = 'What is left of the error budget. Below 0 the promise is broken.';
  return chart('Error budget left', about)
    .setData(data(of, query(of, 'budget'), named(of.groupBy, 'Budget left')))
    .setCustomFieldConfig('axisSoftMin', 0)
    .setMax(1)
    .build();
}

/** Windows for now, today and several days. */
const burnWindows = ['1h', '6h', '3d'];

function burnRates(of: ChartsOf) {
  const title = 'Burn rates';
  const about =
    'How fast the budget is spent: at 1 it is used up exactly at the end of the window. Above 1 the scale goes in tens.';
  return (
    chart(title, about)
      .setData(data(of, query(of, 'burnRate', { burnWindows }), named(of.groupBy, title, 'window')))
      .setCustomFieldConfig('lineWidth', 1)
      // An outage burns a hundred times faster than a good day, and both should be visible.
      .setCustomFieldConfig('scaleDistribution', { type: ScaleDistribution.Symlog, log: 10, linearThreshold: 1 })
      // This scale ignores soft minimums and would begin at -1. It still labels the -1, which the mapping removes.
      .setMin(0)
      .setMappings([{ type: MappingType.RangeToText, options: { from: null, to: -1, result: { text: '' } } }])
      .build()
  );
}

function events(of: ChartsOf) {
  const about =
    'How much was good (scale on the left) and how much was bad (bars, scale on the right) in each step of the chart.';
  return chart('Good and bad', about)
    .setData(data(of, query(of, 'events'), goodAndBad(of.groupBy)))
    .setCustomFieldConfig('thresholdsStyle', { mode: GraphThresholdsStyleMode.Off })
    .setMin(0)
    .build();
}

/** The values of the group, whose labels are renamed if they have the name of one of Accord's. */
const groupOf = ({ labels }: Field, groupBy: string[]) =>
  groupBy.map((key) => labels?.[`group_${key}`] ?? labels?.[key]).filter(Boolean);

/** Names the series by the values of their groups and of `label`, such as a window; `alone` if there are none. */
const named = (groupBy: string[], alone: string, label?: string) => (field: Field) => {
  const displayName = [...groupOf(field, groupBy), label && field.labels?.[label]].filter(Boolean).join(', ') || alone;
  return { ...field, config: { ...field.config, displayName } };
};

/** Good as a line, bad as bars with an axis of their own, so that a few among millions are visible. */
const goodAndBad = (groupBy: string[]) => (field: Field) => {
  const words: Record<string, string> = { good: 'Good', bad: 'Bad' };
  const counted = field.labels?.counted ?? '';
  const custom = counted === 'bad' ? bars : { fillOpacity: 10 };
  // Groups get shades of the one color.
  const color = groupBy.length > 0 ? { ...field.config.color, mode: 'shades' } : field.config.color;
  const displayName = [...groupOf(field, groupBy), words[counted] ?? counted].join(', ');
  return { ...field, config: { ...field.config, color, displayName, custom } };
};

const bars = { drawStyle: 'bars', fillOpacity: 80, lineWidth: 0, axisPlacement: 'right', barAlignment: -1 };

/** Switches for the annotations. Those of Scenes for a set of layers have no names. */
class LayerSwitches extends SceneObjectBase {
  static readonly Component = ({ model }: SceneComponentProps<LayerSwitches>) => (
    <Stack wrap="wrap" gap={1}>
      {sceneGraph
        .getDataLayers(model)
        .flatMap((set) => (set instanceof SceneDataLayerSet ? set.state.layers : []))
        .map((layer) => (
          <LayerSwitch key={layer.state.key} layer={layer} />
        ))}
    </Stack>
  );

  constructor() {
    super({});
  }
}

function LayerSwitch({ layer }: { layer: SceneDataLayerSet['state']['layers'][number] }) {
  const { name, isEnabled } = layer.useState();
  return (
    <InlineSwitch
      id={`layer-${layer.state.key}`}
      label={name}
      showLabel
      value={isEnabled}
      onChange={() => layer.setState({ isEnabled: !isEnabled })}
    />
  );
}
