import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { type SceneCSSGridLayout, type SceneDataTransformer, type VizPanel } from '@grafana/scenes';
import { firstValueFrom, of, type OperatorFunction } from 'rxjs';
import { chartsScene } from './scene';

const datasource = { type: 'accord-sla-datasource', uid: 'accord' };
const charted = { datasource, agreement: 'shop', objective: 'latency', window: '30d', target: 0.99 };

/** The names of the series of a chart, by the labels that the data source gives them. */
async function names(chart: number, groupBy: string[], ...labels: Array<Record<string, string>>) {
  const { children } = (chartsScene({ ...charted, groupBy }).state.body as SceneCSSGridLayout).state;
  const data = (children[chart] as VizPanel).state.$data as SceneDataTransformer;
  const change = data.state.transformations[0] as () => OperatorFunction<DataFrame[], DataFrame[]>;
  const frame = (own: Record<string, string>) =>
    toDataFrame({ fields: [{ name: 'value', type: FieldType.number, values: [1], labels: own }] });
  const frames = await firstValueFrom(of(labels.map(frame)).pipe(change()));
  return frames.map(({ fields: [field] }) => field.config.displayName);
}

test('the series of groups are named by the values of their labels, also of those that the data source renames', async () => {
  const eu = { service: 'api', group_service: 'cards', window: '30d', region: 'eu' };
  const us = { ...eu, region: 'us', group_service: 'orders' };
  expect(await names(0, [], { service: 'api', window: '30d' })).toEqual(['Compliance']);
  expect(await names(0, ['service', 'region'], eu, us)).toEqual(['cards, eu', 'orders, us']);
  expect(await names(2, ['window'], { window: '1h', group_window: 'night' })).toEqual(['night, 1h']);
  expect(await names(3, ['service'], { ...eu, counted: 'good' }, { ...us, counted: 'bad' })).toEqual([
    'cards, Good',
    'orders, Bad',
  ]);
});
