import { draftOf } from './fromQuery';

test.each([
  [
    'a rate is the total, whose bad part has to be filled in',
    'sum by (code) (rate(http_requests_total{job="api"}[$__rate_interval]))',
    { kind: 'bad', part: '', total: 'sum(rate(http_requests_total{job="api"}[5m]))' },
  ],
  [
    'a bare counter, too',
    'http_requests_total',
    { kind: 'bad', part: '', total: 'sum(rate(http_requests_total[5m]))' },
  ],
  [
    'a ratio of errors',
    'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) * 100',
    {
      kind: 'bad',
      part: 'sum(rate(http_requests_total{code=~"5.."}[5m]))',
      total: 'sum(rate(http_requests_total[5m]))',
    },
  ],
  [
    'a ratio of what is good',
    'sum(rate(jobs_succeeded_total[$__interval])) / sum(rate(jobs_total[$__interval]))',
    { kind: 'good', part: 'sum(rate(jobs_succeeded_total[5m]))', total: 'sum(rate(jobs_total[5m]))' },
  ],
  [
    'an availability, as one less the errors',
    '100 * (1 - sum(increase(errors_total[1h])) / sum(increase(all_total[1h])))',
    { kind: 'bad', part: 'sum(rate(errors_total[5m]))', total: 'sum(rate(all_total[5m]))' },
  ],
  [
    'an availability, as one less what was lost',
    '1 - rate(lost_total[1h]) / rate(all_total[1h])',
    { kind: 'bad', part: 'sum(rate(lost_total[5m]))', total: 'sum(rate(all_total[5m]))' },
  ],
  [
    'a rate of failures, as one less what went well',
    '1 - rate(succeeded_total[1h]) / rate(all_total[1h])',
    { kind: 'good', part: 'sum(rate(succeeded_total[5m]))', total: 'sum(rate(all_total[5m]))' },
  ],
  [
    'a quantile of a histogram is a latency',
    'histogram_quantile(0.95, sum(rate(http_seconds_bucket{job="api", le=~".+"}[$__rate_interval])) by (le))',
    {
      kind: 'good',
      part: 'sum(rate(http_seconds_bucket{job="api", le="0.3"}[5m]))',
      total: 'sum(rate(http_seconds_count{job="api"}[5m]))',
    },
  ],
  [
    'a histogram without matchers',
    'histogram_quantile(0.9, rate(x_bucket[5m]))',
    { kind: 'good', part: 'sum(rate(x_bucket{le="0.3"}[5m]))', total: 'sum(rate(x_count[5m]))' },
  ],
  [
    'a gauge has a limit',
    'avg(queue_length{queue="mail"})',
    { kind: 'threshold', value: 'avg(queue_length{queue="mail"})' },
  ],
  ['what cannot be read is left as it is', 'sum(rate(', { kind: 'threshold', value: 'sum(rate(' }],
])('%s', (_, query, measured) => {
  expect(draftOf(query).measured).toEqual(measured);
});

test('what has to be looked at is said', () => {
  expect(draftOf('rate(a_total{job="$job"}[$__rate_interval])').remarks).toEqual(['part', 'variables']);
  expect(draftOf('histogram_quantile(0.9, rate(x_bucket[5m]))').remarks).toEqual(['bucket']);
  expect(draftOf('up').remarks).toEqual([]);
});
