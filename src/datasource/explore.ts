import { type DataFrame, DataFrameType, type DataQueryResponse, type Field, FieldType } from '@grafana/data';
import { groupBy, partition } from 'lodash';

/**
 * The response with the numbers of each query as one table: a row per number, a column per label.
 * Otherwise Explore shows the numbers of several frames under the name of the first, without labels.
 */
export function tabulate(answer: DataQueryResponse): DataQueryResponse {
  const frames: DataFrame[] = answer.data;
  const [numbers, others] = partition(frames, ({ meta }) => meta?.type === DataFrameType.NumericMulti);
  return { ...answer, data: [...others, ...Object.values(groupBy(numbers, 'refId')).map(table)] };
}

function table(frames: DataFrame[]): DataFrame {
  const [{ refId, meta }] = frames;
  const numbers = frames.flatMap(({ fields }) => fields);
  const labels = [...new Set(numbers.flatMap((number) => Object.keys(number.labels ?? {})))];
  const text = (name: string): Field => ({
    name,
    type: FieldType.string,
    config: {},
    values: numbers.map((number) => number.labels?.[name] ?? ''),
  });
  const value: Field = {
    name: 'value',
    type: FieldType.number,
    config: { ...numbers[0]?.config, displayNameFromDS: undefined },
    values: numbers.flatMap(({ values }) => values),
  };
  return {
    refId,
    fields: [value, ...labels.map(text)],
    length: numbers.length,
    meta: {
      ...meta,
      type: DataFrameType.NumericLong,
      notices: frames.flatMap((frame) => frame.meta?.notices ?? []),
      executedQueryString: frames.map((frame) => frame.meta?.executedQueryString ?? '').join('\n'),
    },
  };
}
