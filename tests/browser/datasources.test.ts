/** Where there are several data sources, the one that is shown is chosen beside the title, and is in every address. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inGrafana } from './target';
import { fixture, see, settled, title } from './visiting';

describe(
  'several data sources',
  { skip: !inGrafana && 'needs a Grafana: the host of the tests has one data source' },
  () => {
    const shared = fixture();

    test('are chosen from, and the choice goes along to other pages', async () => {
      const { context } = await shared.visit({ as: 'admin' });
      const first = await shared.at.datasource();
      const { name, url } = (await (await context.request.get(`/api/datasources/uid/${first}`)).json()) as {
        name: string;
        url: string;
      };
      const made = await context.request.post('/api/datasources', {
        data: { uid: 'tests-second', name: 'Second of the tests', type: 'accord-sla-datasource', access: 'proxy', url },
      });
      assert.ok(made.ok(), await made.text());
      shared.tidy(async () => {
        await context.request.delete('/api/datasources/uid/tests-second');
      });
      const { page, open, clean } = await shared.visit();
      await open('/agreements');
      await see(page.getByRole('table').getByText(/\d%/));
      const choice = page.getByRole('combobox', { name: 'Data source' });
      assert.equal(await choice.inputValue(), name);
      await choice.click();
      await page.getByRole('option', { name: 'Second of the tests' }).click();
      await page.waitForURL((address) => address.searchParams.get('ds') === 'tests-second');
      await see(page.getByRole('table').getByText(/\d%/));
      await page.getByRole('table').getByRole('link', { name: 'Orders database for Payments' }).click();
      await see(title(page, 'Orders database for Payments'), page.getByRole('table').getByText(/of \d/));
      assert.equal(new URL(page.url()).searchParams.get('ds'), 'tests-second');
      await open('/agreements?ds=gone');
      await see(page.getByText('There is no Accord data source «gone»'));
      await settled(page);
      clean();
    });
  },
);
