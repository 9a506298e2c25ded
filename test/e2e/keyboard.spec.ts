import type { Plan } from '../../shared/model/plan.ts';
import { expect, type Page } from '@playwright/test';
import { walk, walkDialog, walkInside } from './support/keyboard.ts';
import { test } from './support/looking.ts';
import { BLUE, entry, goodOrder, huge, NOW } from './support/scenes.ts';
import {
  ARCHIVE_ADDRESS,
  gettingBack,
  STREAM_ADDRESS,
  trouble,
} from './support/scenes-getting-back.ts';
import { standIn, type Answers } from './support/stand-in.ts';

interface Round {
  readonly path: string;
  readonly answers?: Answers;
  readonly ready: string | RegExp;
  /** What opens a dialog without saying so by its dots. */
  readonly opens?: readonly string[];
}

/** Go to a page, or open the side pane. */
const NO_DIALOGS = new Set(['button Change …', 'button Look …', 'button All of this moment …']);
const COMMANDS = 'button The same on the command line';
const rounds: readonly Round[] = [
  { path: '/', ready: 'safe up to', opens: ['button Back up now', COMMANDS] },
  { path: '/restore', ready: 'packing list.txt', opens: ['button As a table'] },
  { path: '/restore/find', ready: 'Find a file' },
  { path: '/plans', ready: 'Home, every hour' },
  { path: '/plans/s-2', ready: '[[plan]]' },
  { path: '/plans/new', ready: 'Next runs' },
  { path: '/drives', ready: 'Blue Drive' },
  { path: `/drives/${BLUE}`, ready: 'Blue Drive' },
  { path: '/drives/device%3A%2Fdev%2Fsdd', ready: 'never formats a drive' },
  { path: '/activity', ready: 'Home to Blue Drive' },
  { path: '/activity/run-2', ready: 'target-full' },
  { path: '/streams', ready: 'Look into any' },
  { path: STREAM_ADDRESS, answers: gettingBack, ready: 'moved from' },
  { path: ARCHIVE_ADDRESS, answers: gettingBack, ready: 'archive' },
  { path: '/rescue', answers: trouble, ready: 'Which disk is it?' },
  { path: '/settings', ready: 'Appearance', opens: ['button Show the shortcuts'] },
];

test.describe.configure({ mode: 'parallel' });

/** Everything of a page is come by, seen, opened and left without a mouse. */
for (const { path, answers = goodOrder, ready, opens = [] } of rounds) {
  test(`keyboard: ${path}`, async ({ window: page, server }) => {
    await standIn(page, answers);
    await page.goto(`${server.address}&keyboard=${encodeURIComponent(path)}#${path}`);
    await expect(page.getByText(ready).first()).toBeVisible();
    await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
    const { stops, faults } = await walk(page);
    expect(stops.length).toBeGreaterThan(9);
    const inDialogs: string[] = [];
    const asking = stops.filter((stop) => /^button.*…$/.test(stop) && !NO_DIALOGS.has(stop));
    for (const opener of new Set([...asking, ...opens]))
      inDialogs.push(...(await walkDialog(page, opener)));
    expect([...faults, ...inDialogs, ...(await walkInside(page, stops))]).toEqual([]);
  });
}

const focused = (page: Page): Promise<string> =>
  page.evaluate(
    `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.slice(0, 40)`,
  );

async function open(
  page: Page,
  server: { address: string },
  path: string,
  answers = goodOrder,
): Promise<void> {
  await standIn(page, answers);
  await page.goto(`${server.address}&keys=${encodeURIComponent(path)}#${path}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
}

test('the shortcuts that the list names do what it says', async ({ window: page, server }) => {
  await open(page, server, '/');
  const pages = 'Home Restore Plans Drives Activity Streams Rescue Settings'.split(' ');
  for (const [i, name] of [...pages.entries()].reverse()) {
    await page.keyboard.press(`Alt+${i + 1}`);
    await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeFocused();
  }
  await page.keyboard.press('Alt+b');
  await expect(page.getByRole('dialog', { name: 'Back up' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  for (const key of ['?', 'F1']) {
    await page.keyboard.press(key);
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  }
  // Speech input types letters: the single key can be switched off, and F1 stays.
  await page.keyboard.press('?');
  // the dialog takes the focus as it comes, and with it a key that is pressed before
  await expect(page.getByRole('dialog').locator(':focus')).toHaveCount(1);
  await page.getByRole('switch').press(' ');
  await expect(page.getByRole('switch')).not.toBeChecked();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('?');
  await page.keyboard.press('F1');
  await expect(page.getByRole('switch')).not.toBeChecked();
  await page.getByRole('switch').press(' ');
  await page.keyboard.press('Escape');
});

test('a list and its side pane: first letters, Enter, Backspace, Escape', async ({
  window: page,
  server,
}) => {
  await open(page, server, '/restore');
  const folder = page.getByRole('grid', { name: /^Folder/ });
  await folder.focus();
  await page.keyboard.type('pack');
  const pane = page.getByRole('complementary', { name: /^About / });
  await expect(pane).toContainText('packing list.txt');
  // Escape in the list, and from within the pane.
  await page.keyboard.press('Escape');
  await expect(pane).toBeHidden();
  await expect(folder).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await pane.getByRole('button', { name: 'Close the side pane' }).press('Enter');
  await expect(folder).toBeFocused();
  await page.keyboard.press('Home');
  const [chosen, trail] = [
    folder.getByRole('row', { selected: true }),
    page.getByRole('navigation').filter({ hasText: 'Top' }),
  ];
  await expect(chosen).toContainText('Documents');
  await page.keyboard.press('Enter');
  await expect(trail).toContainText('Documents');
  // Its list has to come first.
  await expect(folder).toBeFocused();
  await page.keyboard.press('Backspace');
  await expect(trail).not.toContainText('Documents');
  await expect(folder).toBeFocused();
});

test('odd names: letters of two characters, blanks that count; the table of points begins in its list', async ({
  window: page,
  server,
}) => {
  const names = ['a b', 'a  b', 'e\u0301te\u0301.txt'];
  const entries = names.map((name, i) => entry(name, { inode: 900 + i }));
  await open(page, server, '/restore', {
    ...goodOrder,
    'directory.list': () => ({ entries, total: entries.length }),
  });
  const folder = page.getByRole('grid', { name: /^Folder/ });
  await folder.focus();
  await folder.dispatchEvent('keydown', { key: '\u00e9' });
  await expect(folder.getByRole('row', { selected: true })).toContainText('txt');
  // They looked the same.
  const widths = await Promise.all(
    [1, 2].map(
      async (i) =>
        (await folder
          .locator('bdi')
          .nth(i - 1)
          .boundingBox())!.width,
    ),
  );
  expect(widths[1]).toBeGreaterThan(widths[0]! + 2);
  await page.getByRole('button', { name: 'As a table' }).press('Enter');
  await expect(page.getByRole('grid', { name: 'Restore points of Home' })).toBeFocused();
});

/** The head covered the edge: a row that arrows came to from above was drawn below the window. */
test('the row that the keyboard is at is seen whole, in a list of a million, too', async ({
  window: page,
  server,
}) => {
  const total = 1_200_000;
  const named = (index: number): string => `img_${String(index).padStart(7, '0')}.jpg`;
  await open(page, server, '/restore', {
    ...goodOrder,
    'directory.list': ({ offset = 0, limit = 500 }) => ({
      entries: Array.from({ length: Math.min(limit, total - offset) }, (_, i) =>
        entry(named(offset + i), { inode: 1_000 + offset + i }),
      ),
      total,
    }),
  });
  const folder = page.getByRole('grid', { name: /^Folder/ });
  await expect(folder.getByText(named(0))).toBeVisible();
  await folder.focus();
  const expectSeen = async (index: number): Promise<void> => {
    await expect(folder.getByRole('row', { selected: true })).toContainText(named(index));
    await expect.poll(() => page.evaluate<boolean>(CURRENT_IS_SEEN)).toBe(true);
  };
  await page.keyboard.press('ArrowDown');
  await expectSeen(0);
  for (let i = 0; i < 25; i++) await page.keyboard.press('ArrowDown');
  await expectSeen(25);
  await page.keyboard.press('PageDown');
  for (let i = 0; i < 25; i++) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('End');
  await expectSeen(total - 1);
  await page.keyboard.press('ArrowUp');
  await expectSeen(total - 2);
  await page.keyboard.press('Home');
  await expectSeen(0);
});

const CURRENT_IS_SEEN = `(() => {
  const grid = document.querySelector('main [role=grid]');
  const [row, head] = [grid.querySelector('[data-current]'), grid.querySelector('[role=row]')];
  if (!row) return false;
  const [own, whole] = [row.getBoundingClientRect(), grid.getBoundingClientRect()];
  return own.top >= head.getBoundingClientRect().bottom - 1 && own.bottom <= whole.bottom + 1;
})()`;

/** The browser lets the focus fall to the start of the page when its control goes. */
test('what goes away under the focus hands it to what is beside it', async ({
  window: page,
  server,
}) => {
  await open(page, server, '/plans/s-2');
  const lastTime = page.getByRole('button', { name: /^Take out: before packages/ });
  await lastTime.press('Enter');
  await expect(lastTime).toBeHidden();
  await expect.poll(() => focused(page)).toBe('Add a time');
  await open(page, server, `/drives/${BLUE}`);
  await page.getByRole('button', { name: 'Count it' }).press('Enter');
  await expect(page.getByText(/cost most, of 60/)).toBeVisible();
  await expect(page.locator('body')).not.toBeFocused();
  // Off while it asks the service, and on again after that.
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const slow = { 'plans.run': () => begun.then(() => ({ runId: 'run-1' })) };
  await open(page, server, '/plans', { ...goodOrder, ...slow });
  const runNow = page.getByRole('button', { name: 'Run now' }).first();
  await runNow.press('Enter');
  await expect(runNow).toBeDisabled();
  await expect(page.locator('body')).toBeFocused();
  begin();
  await expect(runNow).toBeFocused();
  // All of a dialog gives way to what came of it.
  const archive = { ...gettingBack, 'archive.restore': () => ({ runId: 'run-1' }) };
  await open(page, server, ARCHIVE_ADDRESS, archive);
  await page.getByRole('grid').press('ArrowDown');
  await expect(page.getByText('packing list.txt')).toBeVisible();
  await page.getByRole('button', { name: 'Restore everything …' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Restore everything of this moment' });
  await dialog.getByRole('button', { name: 'Restore' }).press('Enter');
  await expect(dialog.getByRole('button', { name: 'Restore' })).toBeHidden();
  await expect(dialog).toBeFocused();
});

// Each plan had three stops for Tab of its own: 900 on the way past 300 plans.
test('a list of plans is one stop: arrows, Home, End, Page and letters go on from there', async ({
  window: page,
  server,
}) => {
  const [one] = goodOrder['plans.list']!({}) as Plan[];
  const names = Array.from({ length: 300 }, (_, i) => `Plan-${String(i).padStart(3, '0')}`);
  let asked: string | undefined;
  await open(page, server, '/plans', {
    ...goodOrder,
    'plans.list': () =>
      names.map((name, i) => ({
        ...{ ...one!, name, planId: `many-${i}` },
        origin: i === 1 ? ('file' as const) : ('person' as const),
      })),
    'plans.run': ({ planId }) => {
      asked = planId;
      throw new Error('only asked for');
    },
  });
  const grid = page.getByRole('grid', { name: 'Plans' });
  await expect(grid.getByRole('row')).toHaveCount(300);
  await grid.getByRole('switch').first().focus();
  const at = (): Promise<string> =>
    page.evaluate(
      `(document.activeElement.closest('[role=row]')?.getAttribute('aria-label') ?? 'outside') + ', ' + (document.activeElement.textContent || 'switch')`,
    );
  const after = async (key: string): Promise<string> => {
    await page.keyboard.press(key);
    return at();
  };
  expect(await after('ArrowRight')).toBe('Plan-000, Change …');
  // Of a plan in the file there is nothing to switch: the same button of the next row all the same.
  expect(await after('ArrowDown')).toBe('Plan-001, Look …');
  expect(await after('ArrowLeft')).toBe('Plan-001, Look …');
  expect(await after('ArrowRight')).toBe('Plan-001, Run now');
  expect(await after('ArrowDown')).toBe('Plan-002, Run now');
  expect(await after('End')).toBe('Plan-299, Run now');
  expect(await after('ArrowDown')).toBe('Plan-299, Run now');
  await expect(grid.getByRole('row').last()).toBeInViewport();
  await page.keyboard.type('plan-15');
  expect(await at()).toBe('Plan-150, Run now');
  expect(await after('PageDown')).toBe('Plan-155, Run now');
  expect(await after('PageUp')).toBe('Plan-150, Run now');
  await page.keyboard.press('Enter');
  await expect.poll(() => asked).toBe('many-150');
  await expect(grid.getByRole('row', { name: 'Plan-150' }).getByRole('alert')).toBeVisible();
  expect(await at()).toBe('Plan-150, Run now');
  expect(await after('Home')).toBe('Plan-000, Run now');
  expect(await after('Shift+Tab')).toMatch(/^outside/);
  expect(await after('Tab')).toBe('Plan-000, Run now');
  // Last: behind the page's end a browser has stops of its own.
  expect(await after('Tab')).toMatch(/^outside/);
});

// Only pages that had been on screen were looked through: "img_15" found nothing in the first view.
test('letters find a row of a long folder that was never on screen', async ({
  window: page,
  server,
}) => {
  await standIn(page, huge);
  await page.goto(`${server.address}&keys=long#/restore`);
  const grid = page.getByRole('grid', { name: 'Folder, 200,000 entries' });
  await expect(grid.getByText('img_000000.jpg')).toBeVisible({ timeout: 60_000 });
  await grid.focus();
  const chosen = grid.getByRole('row', { selected: true });
  await page.keyboard.type('img_15');
  await expect(chosen).toContainText('img_150000.jpg');
  // What is typed quickly is the beginning of one name: a second letter does not go on to the next.
  await page.keyboard.press('Home');
  await page.clock.setFixedTime(NOW + 1_000);
  await page.keyboard.type('img_00001');
  await expect(chosen).toContainText('img_000010.jpg');
  // A letter that nothing begins with leaves the choice; a move gives up what is looked for.
  await page.clock.setFixedTime(NOW + 2_000);
  await page.keyboard.press('z');
  await page.keyboard.press('ArrowDown');
  await expect(chosen).toContainText('img_000011.jpg');
  await page.clock.setFixedTime(NOW);
});
