import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { kernelState } from '../harness/kernel.ts';
import { picture } from './support/picture.ts';
import { startRealService, type RealService } from './support/real-service.ts';

const state = kernelState();

/** The first backup end to end, in the browser, with real disks behind `dendro serve`. */
test.describe.serial('the first backup', () => {
  test.skip(state.kind === 'absent', state.kind === 'absent' ? state.reason : '');
  // Disks are made, filled and sent to; on a busy machine that takes a while.
  test.setTimeout(180_000);
  let service: RealService;
  test.beforeAll(async () => {
    service = await startRealService();
  });
  test.afterAll(() => service?.close());

  test('runs to 100 % with live progress, and is in the history', async ({ page }) => {
    await page.goto(service.address);
    await expect(page).not.toHaveURL(/token/);
    await openBackup(page, service.blueName);
    await expect(page.getByLabel('Everything, as a new start')).toBeChecked();
    const seenPercents = await watchPercents(page);
    await page.getByRole('button', { name: /^Send .* to Blue Drive/ }).click();
    const row = runRow(page);
    await runUntil(20, service, seenPercents);
    await expect(row.getByRole('progressbar')).toBeVisible();
    await expect(row.getByText(/ of .* files$/)).toBeVisible();
    await picture(page, 'backup-running');
    service.goOn();
    await expect(row).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
    await expect(row.getByText('100 %')).toBeVisible();
    await picture(page, 'backup-done');
    const percents = await seenPercents();
    expect(percents.filter((p) => p > 0 && p < 100).length).toBeGreaterThan(1);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    await expect(sourceRow(page, service)).toContainText(
      /safe up to .* on this computer and on Blue Drive/,
    );
    await checkAccessible(page);

    await page.getByRole('link', { name: 'Activity' }).click();
    await grid(page, 'Runs').getByRole('row').nth(1).click();
    const pane = page.getByRole('complementary');
    await expect(pane.getByText('Count what there is to do')).toBeVisible();
    await expect(pane.getByText('Commands', { exact: true })).toBeVisible();
    await picture(page, 'history');
    await checkAccessible(page);
  });

  test('sends only what changed the second time', async ({ page }) => {
    writeFileSync(
      join(service.home, 'Documents', 'new today.txt'),
      'written after the first backup\n',
    );
    await page.goto(service.address);
    await openBackup(page, service.blueName);
    await expect(page.getByLabel(/^Only what changed since/).first()).toBeChecked();
    await picture(page, 'backup-plan');
    await page.getByRole('button', { name: /^Send .* to Blue Drive/ }).click();
    await expect(runRow(page)).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
  });

  test('a cancelled run stops, and leaves no half restore point', async ({ page }) => {
    const before = readdirSync(service.blue.dir);
    await page.goto(service.address);
    await openBackup(page, service.blueName);
    await page.getByLabel('Everything, as a new start').check();
    const seenPercents = await watchPercents(page);
    await page.getByRole('button', { name: /^Send .* to Blue Drive/ }).click();
    const row = runRow(page);
    await runUntil(1, service, seenPercents);
    await row.getByRole('button', { name: 'Cancel' }).click();
    service.goOn();
    await expect(row).toHaveAttribute('data-state', 'cancelled', { timeout: 60_000 });
    await expect(row.getByText(/^Cancelled after .* unchanged/)).toBeVisible();
    expect(readdirSync(service.blue.dir)).toEqual(before);
  });

  test('a run that fails says why, and leaves no half restore point', async ({ page }) => {
    await page.goto(service.address);
    await openBackup(page, service.tinyName);
    await expect(page.getByText(/too little/)).toBeVisible();
    await page.getByRole('button', { name: /^Send .* to Tiny Drive/ }).click();
    const row = runRow(page);
    await expect(row).toHaveAttribute('data-state', 'failed', { timeout: 60_000 });
    await expect(row.getByText('target-full')).toBeVisible();
    await expect(row.getByText(/Everything that was there is intact/)).toBeVisible();
    await picture(page, 'backup-failed');
    await checkAccessible(page);
    expect(readdirSync(service.tiny.dir).filter((name) => !name.startsWith('.'))).toEqual([]);

    await row.getByRole('button', { name: 'Try again' }).click();
    await expect(row).toHaveAttribute('data-state', 'failed', { timeout: 60_000 });
    await expect(row.getByText('target-full')).toBeVisible();
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByRole('combobox', { name: 'Outcome' }).click();
    await page.getByRole('option', { name: 'Failed' }).click();
    await grid(page, 'Runs').getByRole('row').nth(1).click();
    await expect(page.getByRole('complementary').getByText('target-full')).toBeVisible();
    const address = page.url();
    await page.getByRole('button', { name: 'Run again' }).click();
    await expect(page).not.toHaveURL(address);
    await expect(page.getByRole('complementary').getByText('target-full')).toBeVisible({
      timeout: 60_000,
    });
  });

  test('a deleted file comes back as it was, and the restore can be undone', async ({ page }) => {
    const path = join(service.home, 'Documents', 'packing list.txt');
    const before = readFileSync(path);
    rmSync(path);
    await page.goto(service.address);
    await sourceRow(page, service).getByRole('link', { name: 'Restore …' }).click();
    await folderRow(page, 'Documents').dblclick();
    await folderRow(page, 'packing list.txt').click();
    await expect(page.getByText('rain jacket')).toBeVisible();
    await picture(page, 'restore');
    await expect(page.getByRole('link', { name: 'Restore' })).toHaveAttribute(
      'aria-current',
      'page',
    );
    await checkAccessible(page);
    await page.getByRole('button', { name: 'Restore packing list.txt to Documents' }).click();
    await expect(page.getByText(/^Restored 1 file/)).toBeVisible();
    await picture(page, 'restored');
    expect(readFileSync(path)).toEqual(before);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('has been removed again')).toBeVisible();
    expect(existsSync(path)).toBe(false);
  });

  test('restores with the keyboard alone', async ({ page }) => {
    const path = join(service.home, 'Documents', 'packing list.txt');
    await page.goto(service.address);
    const restore = sourceRow(page, service).getByRole('link', { name: 'Restore …' });
    await expect(restore).toBeVisible();
    await tabTo(page, restore);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Restore' })).toBeFocused();
    await tabTo(page, page.getByRole('slider'));
    await page.keyboard.press('Home');
    await expect(page.getByRole('slider')).toHaveAttribute('aria-valuenow', '1');
    await tabTo(page, page.getByRole('grid'));
    await page.keyboard.type('doc');
    await page.keyboard.press('Enter');
    await expect(folderRow(page, 'packing list.txt')).toBeVisible();
    await page.getByRole('grid').waitFor();
    if (
      !(await page.getByRole('grid').evaluate((grid) => grid === grid.ownerDocument.activeElement))
    )
      await tabTo(page, page.getByRole('grid'));
    await page.keyboard.type('pack');
    const button = page.getByRole('button', { name: 'Restore packing list.txt to Documents' });
    await expect(button).toBeEnabled();
    await tabTo(page, button);
    await page.keyboard.press('Enter');
    await expect(page.getByText(/^Restored 1 file/)).toBeVisible();
    expect(existsSync(path)).toBe(true);
  });

  test('takes and deletes a snapshot, after asking', async ({ page }) => {
    await page.goto(service.address);
    await page.getByRole('link', { name: 'Drives' }).click();
    await page
      .getByRole('button', { name: /^Laptop/ })
      .first()
      .click();
    await page.getByRole('tab', { name: 'Subvolumes and snapshots' }).click();
    await grid(page, 'Subvolumes').getByText('@home', { exact: true }).click();
    await page.getByRole('button', { name: 'Take a snapshot' }).click();
    await page.getByLabel('Name').fill('before the trip');
    await page.getByRole('dialog').getByRole('button', { name: 'Take a snapshot' }).click();
    await expect(page.getByRole('dialog')).toBeHidden();
    const made = grid(page, 'Subvolumes').getByText(/before the trip$/);
    await made.click();
    await picture(page, 'drives');
    await checkAccessible(page);
    await page.getByRole('button', { name: 'Delete …' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await expect(made).toBeHidden();
  });

  test('says so when the service is gone, and loses nothing', async ({ page }) => {
    await page.goto(service.address);
    await expect(sourceRow(page, service)).toContainText('safe up to');
    await service.kill();
    await expect(page.getByText('The Dendro service is not reachable.')).toBeVisible();
    await picture(page, 'service-gone');
    await checkAccessible(page);
  });
});

/** Opens "Back up now" for the test's own home and drive, whatever else this machine has. */
async function openBackup(page: Page, driveName: string): Promise<void> {
  // Both are there where another tool of this machine has made snapshots.
  const either = page.getByRole('button', { name: /^(Back up now|Make the first backup)$/ });
  await either.first().click();
  const dialog = page.getByRole('dialog');
  await choose(
    page,
    dialog.getByRole('combobox', { name: 'What' }),
    `Home, on Laptop ${process.pid}`,
  );
  await choose(page, dialog.getByRole('combobox', { name: 'To' }), driveName);
  await expect(dialog.getByRole('button', { name: /^Send / })).toBeEnabled({ timeout: 30_000 });
}

async function choose(page: Page, box: Locator, name: string): Promise<void> {
  await box.click();
  await page.getByRole('option', { name }).click();
}

/** The row of the test's own home: this machine may have other volumes. */
function sourceRow(page: Page, { home }: RealService): Locator {
  return page.getByRole('article').filter({ hasText: home });
}

function runRow(page: Page): Locator {
  return page.getByTestId('run').first();
}

function grid(page: Page, name: string): Locator {
  return page.getByRole('grid', { name: new RegExp(`^${name}`) });
}

function folderRow(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ hasText: name });
}

/** Records every percent that the page shows from now on; returns what tells them. */
async function watchPercents(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(`
    window.seenPercents = [];
    new MutationObserver(() => {
      const shown = document.querySelector('[data-testid=run] strong')?.textContent;
      const percent = Number.parseInt(shown ?? '', 10);
      if (Number.isNaN(percent) || percent === window.seenPercents.at(-1)) return;
      window.seenPercents.push(percent);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  `);
  return () => page.evaluate('window.seenPercents');
}

const SLICE_MS = 60;
const MOST_SLICES = 1_000;

/**
 * Lets the service work in slices of time until the page shows `percent`, and leaves it standing
 * still: however slow the page is on a busy machine, the run is not over before it has looked.
 */
async function runUntil(
  percent: number,
  service: RealService,
  seenPercents: () => Promise<number[]>,
): Promise<void> {
  for (let slice = 0; slice < MOST_SLICES; slice++) {
    service.goOn();
    await setTimeout(SLICE_MS);
    service.pause();
    await setTimeout(SLICE_MS);
    const shown = (await seenPercents()).at(-1) ?? 0;
    if (shown >= percent && shown < 100) return;
    if (shown === 100) break;
  }
  throw new Error(`The page never stood at ${percent} %: ${(await seenPercents()).join(' ')}`);
}

const MOST_TABS = 150;

async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let i = 0; i < MOST_TABS; i++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
  }
  throw new Error('Tab does not reach it');
}

async function checkAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
}
