/** Into the app from a panel of Grafana, and out of it to a new alert rule. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inGrafana } from './target';
import { fixture, see, title } from './visiting';

const uid = 'tests-of-panel-menu';
const query = 'sum(rate(http_requests_total{job="payments-api",code=~"5.."}[$__rate_interval]))';

describe('the menu of a panel', { skip: !inGrafana && 'needs a Grafana: the host of the tests has no panels' }, () => {
  const shared = fixture();

  test('has an entry that creates an agreement with the query', async () => {
    const { page, context, clean } = await shared.visit({ as: 'admin' });
    const sources = (await (await context.request.get('/api/datasources')).json()) as Array<{
      uid: string;
      type: string;
    }>;
    const prometheus = sources.find(({ type }) => type === 'prometheus');
    assert.ok(prometheus, 'this Grafana has no Prometheus data source');
    const datasource = { type: 'prometheus', uid: prometheus.uid };
    const dashboard = {
      uid,
      title: 'Tests of Accord: the menu of a panel',
      time: { from: 'now-1h', to: 'now' },
      panels: [
        {
          type: 'timeseries',
          title: 'Errors of payments',
          datasource,
          gridPos: { x: 0, y: 0, w: 24, h: 12 },
          targets: [{ refId: 'A', datasource, expr: query }],
        },
      ],
    };
    const made = await context.request.post('/api/dashboards/db', { data: { dashboard, overwrite: true } });
    assert.ok(made.ok(), await made.text());
    shared.tidy(async () => {
      await context.request.delete(`/api/dashboards/uid/${uid}`);
    });
    await page.goto(`/d/${uid}`);
    const panel = page.getByRole('region', { name: 'Errors of payments' }).or(page.getByTestId(/Panel header Errors/));
    await see(panel);
    await panel.first().hover();
    await page.getByRole('button', { name: /Menu for panel.*Errors of payments/ }).click();
    await page.getByRole('menuitem', { name: 'Extensions' }).hover();
    await page.getByRole('menuitem', { name: 'Create SLA from query' }).click();
    await see(title(page, 'New agreement'), page.getByText('Created from the query of a panel'));
    const metric = page.getByRole('combobox', { name: 'Counter of all events' });
    await see(metric);
    assert.equal(await metric.inputValue(), 'http_requests_total');
    clean();
  });
});

describe('an agreement', { skip: !inGrafana && 'needs a Grafana: the host of the tests has no alert rules' }, () => {
  const { visit } = fixture();

  test('leads to a new alert rule that can be evaluated as it is', async () => {
    const { page, open, clean } = await visit();
    await open('/agreements/checkout-for-storefront');
    await page.getByRole('link', { name: 'New alert rule' }).click();
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    await see(page.getByText('checkout-for-storefront', { exact: true }), page.getByText('Normal').first());
    clean();
  });
});
