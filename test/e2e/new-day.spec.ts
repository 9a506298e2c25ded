import { expect, test } from '@playwright/test';
import { servePage, type PageServer } from './support/page-server.ts';
import { goodOrder, NOW } from './support/scenes.ts';
import { standIn, type Answers } from './support/stand-in.ts';

let server: PageServer;
test.beforeAll(async () => {
  server = await servePage();
});
test.afterAll(() => server.close());

// "Safe up to 14:05 today" stood in a window that was left open, for days.
test('a window that stays open over midnight no longer says "today" of the day before', async ({
  page,
}) => {
  await page.clock.install({ time: NOW });
  let asked = 0;
  const answers: Answers = {
    ...goodOrder,
    'sources.list': (input) => {
      asked += 1;
      return goodOrder['sources.list']!(input);
    },
  };
  await standIn(page, answers);
  await page.goto(server.address);
  const home = page.getByRole('article').first();
  await expect(home).toContainText(/safe up to \d\d:\d\d today/);
  const before = asked;
  await page.clock.fastForward('24:00:00');
  await expect(home).toContainText(/safe up to \d\d:\d\d yesterday/);
  expect(asked).toBeGreaterThan(before);

  await page.getByRole('link', { name: 'Plans' }).click();
  const plan = page.getByRole('row').first();
  await expect(plan).toContainText(/Last: \d\d:\d\d yesterday/);
  await page.clock.fastForward('24:00:00');
  await expect(plan).not.toContainText('yesterday');
});
