import type { Source } from '../../shared/model/subvolume.ts';
import { expect, type Locator, type Page } from '@playwright/test';
import { test } from './support/looking.ts';
import { BLUE, goodOrder, NOW, running } from './support/scenes.ts';
import { gettingBack, rolledBackByHand } from './support/scenes-getting-back.ts';
import { standIn, type Answers, type StandIn } from './support/stand-in.ts';

const SIZES = [
  { width: 1024, height: 700 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

const LONG = Array.from({ length: 400 }, (_, i) => `line ${i + 1}`).join('\n');

/** The file that is looked at is longer than any screen. */
const longFile: Answers = {
  ...goodOrder,
  'file.preview': () => ({
    mediaType: 'text/plain',
    text: LONG,
    base64: '',
    sizeBytes: LONG.length,
    truncated: false,
  }),
};

test.describe.configure({ mode: 'parallel' });

// The pane that opened beside the list took width of the list and of the timeline, which grew
// higher: the second click of two met another row.
for (const size of SIZES)
  test(`rows of Restore stay where they are: ${size.width}`, async ({ window: page, server }) => {
    await open(page, server.address, longFile, size);
    const folder = page.getByRole('row').filter({ hasText: 'Documents' });
    const rows = page.getByRole('grid', { name: /^Folder/ }).getByRole('row');
    const before = await boxes(rows);
    await folder.click();
    await expect(pane(page)).toContainText('Documents');
    expect(await boxes(rows)).toEqual(before);
    await page.keyboard.press('Escape');
    await expect(pane(page)).not.toContainText('Documents');
    expect(await boxes(rows)).toEqual(before);
    await folder.getByRole('checkbox').check();
    await expect(page.getByRole('heading', { name: '1 marked' })).toBeVisible();
    expect(await boxes(rows)).toEqual(before);
    await folder.getByRole('checkbox').uncheck();
    await page.getByText('packing list.txt').click();
    expect(await boxes(rows)).toEqual(before);
    await folder.dblclick();
    await expect(page.getByRole('navigation', { name: 'Path' })).toContainText('Documents');
  });

for (const { size, leastPx } of [
  { size: SIZES[0], leastPx: 240 },
  { size: SIZES[1], leastPx: 360 },
  { size: SIZES[2], leastPx: 400 },
])
  test(`a preview has room: ${size.width}`, async ({ window: page, server }) => {
    await open(page, server.address, longFile, size);
    await page.getByText('packing list.txt').click();
    await expect(page.getByRole('button', { name: /^Restore as packing list/ })).toBeEnabled();
    await expect.poll(() => shownPx(page.getByLabel('Contents of'))).toBeGreaterThan(leastPx - 1);
  });

test('Escape in a dialog of Restore leaves the pane open', async ({ window: page, server }) => {
  await open(page, server.address, gettingBack, SIZES[1]);
  await page.getByText('packing list.txt').click();
  await page.getByRole('slider', { name: 'Versions of packing list.txt' }).press('ArrowLeft');
  await page.getByRole('button', { name: 'What is different …' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(pane(page)).toContainText('packing list.txt');
});

// Between its steps, and until the history knows of it, what stands there has another name, or
// none at all: the page showed another source, and the dialog went before it could say "Done".
test('the dialog of a rollback stays, whatever is seen of the source', async ({
  window: page,
  server,
}) => {
  const [home, ...others] = gettingBack['sources.list']!({}) as [Source, ...Source[]];
  let sources = [home, ...others];
  const answers: Answers = {
    ...gettingBack,
    'sources.list': () => sources,
    'points.list': () => home.points,
    'rollback.start': () => ({ runId: running.runId }),
    'runs.get': () => running,
  };
  const at = `/restore/${home.subvolumeId}%40${home.volumeId}`;
  const service = await open(page, server.address, answers, SIZES[1], at);
  await page.getByRole('button', { name: 'Go back to this moment …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^Go back to/ }).click();
  await expect(dialog.getByText(/^In progress/)).toBeVisible();
  for (const seen of [
    [...others, { ...home, name: `${home.name} (before 2026-11-22T14.20)` }],
    others,
    [],
    [...others, { ...home, subvolumeId: home.subvolumeId + 1_000 }],
  ]) {
    sources = seen;
    service.tell('volumes.changed', {});
    await service.allDrawn();
  }
  service.tell('run.changed', { ...running, state: 'done', endedAtMs: NOW });
  await expect(dialog.getByText(/^Done, and checked/)).toBeVisible();
  await dialog.getByText('Close', { exact: true }).click();
  const source = page.getByRole('combobox', { name: 'Restore from' });
  await expect(source).toHaveValue('Home, on Laptop');
  await expect(page.getByText('packing list.txt')).toBeVisible();
});

// The page said what it did not know, and how to answer on the command line.
test('a rollback asks what becomes as it was, where that is not clear', async ({
  window: page,
  server,
}) => {
  const asked: unknown[] = [];
  const answers: Answers = {
    ...rolledBackByHand,
    'rollback.start': (request) => {
      asked.push(request.targetId);
      return { runId: running.runId };
    },
    'runs.get': () => running,
  };
  await open(page, server.address, answers, SIZES[1]);
  await page.getByRole('button', { name: 'Go back to this moment …' }).click();
  const dialog = page.getByRole('dialog');
  const go = dialog.getByRole('button', { name: /^Go back to/ });
  const choice = dialog.getByRole('radiogroup', { name: 'What shall become as it was then?' });
  await expect(choice).toBeVisible();
  await expect(go).toBeDisabled();
  await choice.getByRole('radio', { name: '@home.old, not mounted' }).check();
  await expect(dialog.getByRole('list', { name: 'Steps' })).toBeVisible();
  await choice.getByRole('radio', { name: '@home, seen at /home' }).check();
  await go.click();
  await expect(dialog.getByText(/^In progress/)).toBeVisible();
  expect(asked).toEqual([257]);
});

async function open(
  page: Page,
  address: string,
  answers: Answers,
  size: { width: number; height: number },
  at = '/restore',
): Promise<StandIn> {
  await page.setViewportSize(size);
  const service = await standIn(page, answers);
  await page.goto(`${address}&layout=${size.width}#${at}`);
  await expect(page.getByText('packing list.txt')).toBeVisible();
  return service;
}

function pane(page: Page): Locator {
  return page.getByRole('complementary');
}

async function boxes(rows: Locator): Promise<readonly unknown[]> {
  return rows.evaluateAll((all) =>
    all.map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return [x, y, width, height];
    }),
  );
}

/** Height of what is seen of it without scrolling. */
function shownPx(seen: Locator): Promise<number> {
  return seen.evaluate((one) => {
    const own = one.getBoundingClientRect();
    const frame = one.closest('[role=region]')!.getBoundingClientRect();
    return Math.min(own.bottom, frame.bottom) - Math.max(own.top, frame.top);
  });
}

const LISTS = ['/activity', '/restore/find', `/drives/${BLUE}`];

// Other columns, in other places, stood there as soon as a row was chosen.
for (const path of LISTS)
  for (const size of SIZES)
    test(`the list of ${path} stands still when its pane comes: ${size.width}`, async ({
      window: page,
      server,
    }) => {
      await page.setViewportSize(size);
      await standIn(page, gettingBack);
      await page.goto(`${server.address}&still=${size.width}${path.length}#${path}`);
      if (path.startsWith('/drives'))
        await page.getByRole('tab', { name: 'Subvolumes and snapshots' }).click();
      if (path.endsWith('/find')) await page.getByRole('textbox').first().fill('letter');
      const row = page.getByRole('row').nth(3);
      await expect(row).toBeVisible();
      const before = await settledColumns(page);
      await row.click();
      await expect(page.getByRole('complementary')).toBeVisible();
      await expect
        .poll(async () => (await columns(page)).length)
        .toBeLessThanOrEqual(before.length);
      const after = await columns(page);
      expect(after).toEqual(before.slice(0, after.length));
      const { x } = (await page.getByRole('complementary').boundingBox())!;
      expect(after.at(-1)!.right).toBeLessThan(x);
    });

const TWO_FRAMES =
  'new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))';

/** The list has the columns that it has room for once it was measured: some frames later than it is there. */
async function settledColumns(page: Page): ReturnType<typeof columns> {
  let found = await columns(page);
  await expect
    .poll(async () => {
      const last = found;
      await page.evaluate(TWO_FRAMES);
      await page.waitForTimeout(300);
      found = await columns(page);
      return found.length > 0 && JSON.stringify(found) === JSON.stringify(last);
    })
    .toBe(true);
  return found;
}

function columns(page: Page): Promise<{ name: string; left: number; right: number }[]> {
  return page.getByRole('columnheader').evaluateAll((heads) =>
    heads.map((head) => {
      const { left, right } = head.getBoundingClientRect();
      return { name: head.textContent, left: Math.round(left), right: Math.round(right) };
    }),
  );
}
