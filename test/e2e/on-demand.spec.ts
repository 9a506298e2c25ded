import { expect, test } from '@playwright/test';
import type { Source } from '../../shared/model/subvolume.ts';
import { servePage, type PageServer } from './support/page-server.ts';
import { goodOrder, NOW } from './support/scenes.ts';
import { standIn } from './support/stand-in.ts';

let server: PageServer;
test.beforeAll(async () => {
  server = await servePage();
});
test.afterAll(() => server.close());

test('a page that is on its way leaves its room, and comes when it is there', async ({ page }) => {
  await page.clock.setFixedTime(NOW);
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await page.route(/streams-page-.*\.js$/, async (route) => {
    await arrived;
    await route.continue();
  });
  await standIn(page, goodOrder);
  await page.goto(`${server.address}#/streams`);
  const waiting = page.getByRole('status', { name: 'Loading' });
  await expect(waiting).toBeVisible();
  const before = await waiting.boundingBox();
  arrive();
  await expect(page.getByRole('heading', { level: 1, name: 'Streams' })).toBeVisible();
  const header = await page.locator('main header').boundingBox();
  expect(header!.y + header!.height).toBe(before!.y);
});

test('a drive of a plan is not called away before it is known which are here', async ({ page }) => {
  await page.clock.setFixedTime(NOW);
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await standIn(page, {
    ...goodOrder,
    'volumes.list': async (input) => {
      await arrived;
      return goodOrder['volumes.list']!(input);
    },
  });
  await page.goto(`${server.address}#/plans`);
  const main = page.getByRole('main');
  await expect(main.getByRole('status', { name: 'Loading' })).toBeVisible();
  await expect(main).not.toContainText('away');
  arrive();
  await expect(main.getByRole('row').first()).toContainText('send it to Blue Drive');
});

test('a page whose file is gone is said, and loading again brings it', async ({ page }) => {
  await page.clock.setFixedTime(NOW);
  await page.route(/rescue-page-.*\.js$/, (route) => route.abort());
  await standIn(page, goodOrder);
  await page.goto(`${server.address}#/rescue`);
  await expect(page.getByRole('alert')).toContainText('could not be loaded');
  await page.unroute(/rescue-page-.*\.js$/);
  await page.getByRole('button', { name: 'Load the page again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Rescue' })).toBeVisible();
});

test('a fault of what is drawn takes its part of the page away, and no other', async ({ page }) => {
  await page.clock.setFixedTime(NOW);
  const [home] = goodOrder['sources.list']!({}) as Source[];
  // A list of choices that has one of them twice cannot be drawn.
  await standIn(page, { ...goodOrder, 'sources.list': () => [home, home] });
  await page.goto(`${server.address}#/restore`);
  await expect(page.getByRole('alert')).toContainText('has stopped this part of the page');
  await page.getByRole('link', { name: 'Streams' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Streams' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a burst of changes is asked for once or twice, a source of thousands in parts', async ({
  page,
}) => {
  await page.clock.install({ time: NOW });
  const [first] = goodOrder['sources.list']!({}) as Source[];
  const [newest] = first!.points;
  const points = Array.from({ length: 2_500 }, (_, i) => ({
    ...newest!,
    ...{ pointId: `point-${i}`, takenAtMs: newest!.takenAtMs - i * 3_600_000 },
  }));
  let asked = 0;
  const parts: number[] = [];
  const service = await standIn(page, {
    ...goodOrder,
    'sources.list': ({ pointsEach }) => {
      asked += 1;
      return [{ ...first!, points: points.slice(0, pointsEach), pointCount: points.length }];
    },
    'points.list': ({ offset = 0, limit }) => {
      parts.push(offset);
      return points.slice(offset, limit && offset + limit);
    },
  });
  await page.goto(`${server.address}#/restore`);
  const slider = page.getByRole('slider', { name: /Home/ });
  await expect(slider).toHaveAttribute('aria-valuemax', '2500');
  expect(parts.sort((a, b) => a - b)).toEqual([0, 1_000, 2_000]);
  const before = asked;
  for (let i = 0; i < 50; i += 1) service.tell('volumes.changed', {});
  await expect.poll(() => asked - before).toBeGreaterThan(0);
  // Longer than the pause after which what came meanwhile is asked for.
  await page.clock.runFor(1_200);
  await service.allDrawn();
  expect(asked - before).toBeLessThanOrEqual(2);
});

// All points of all rows came in one answer: tens of megabytes for hundreds of sources.
test('Home asks for the points of the rows in sight', async ({ page }) => {
  const [first] = goodOrder['sources.list']!({}) as Source[];
  const many = Array.from({ length: 500 }, (_, i) => ({ ...first!, subvolumeId: 1_000 + i }));
  const asked = new Set<number>();
  const service = await standIn(page, {
    ...goodOrder,
    'sources.list': ({ pointsEach }) =>
      many.map((one) => ({ ...one, points: one.points.slice(0, pointsEach) })),
    'points.list': ({ source, limit }) => {
      asked.add(source!.subvolumeId);
      return first!.points.slice(0, limit);
    },
  });
  await page.goto(`${server.address}#/`);
  const bands = page.locator('article').first().locator('[role=img] path[d^=M]');
  await expect(bands.first()).toBeAttached();
  await service.allDrawn();
  expect(asked.size).toBeLessThan(30);
  const last = page.locator('article').last();
  await last.scrollIntoViewIfNeeded();
  await expect(last.locator('[role=img] path[d^=M]').first()).toBeAttached();
  expect(asked).toContain(1_499);
  expect(asked.size).toBeLessThan(60);
});
