import { AxeBuilder } from '@axe-core/playwright';
import { expect as plain, test, type Locator, type Page } from '@playwright/test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dendro } from '../harness/dendro.ts';
import { kernelState } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { serve, type Served } from './support/real-service.ts';

// Engines start and disks are read; on a busy machine that takes a while.
const expect = plain.configure({ timeout: 60_000 });
const state = kernelState();
const OLD = 'socks\numbrella\nthe small stove\n';
const NEW = 'socks\nrain jacket\nthe small stove\nchocolate\n';

/** What got lost is found, looked at and got back, with real disks behind `dendro serve`. */
test.describe('getting things back', () => {
  test.skip(state.kind === 'absent', state.kind === 'absent' ? state.reason : '');
  test.setTimeout(240_000);
  let disk: TestBtrfs;
  let folder: string;
  let served: Served;
  let documents: string;
  test.beforeAll(async () => {
    test.setTimeout(240_000);
    disk = makeBtrfs({ sizeMiB: 512, mkfsArgs: ['-L', `Laptop ${process.pid}`] });
    documents = join(disk.dir, '@home', 'Documents');
    folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-back-`));
    fill(disk.dir, documents);
    served = await serve(join(folder, 'state'));
  });
  test.afterAll(async () => {
    await served?.end();
    disk?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('finds, compares and restores', async ({ page }) => {
    const list = join(documents, 'packing list.txt');
    await page.goto(`${served.address}#/restore/find`);
    const found = page.getByRole('row').filter({ hasText: 'lost letter.txt' }).first();
    await expect(async () => {
      // The service takes new moments in by itself; asked anew until it has.
      await page.reload();
      await page.getByRole('textbox', { name: 'What to find' }).fill('lost lett');
      await expect(found).toContainText('deleted since', { timeout: 5_000 });
    }).toPass({ timeout: 120_000 });
    await found.click();
    await expect(page.getByText('Dear council')).toBeVisible();
    await checkAccessible(page);
    await page.getByRole('link', { name: 'Show it in its folder' }).click();
    await page.getByRole('button', { name: 'Restore lost letter.txt to Documents' }).click();
    await expect(page.getByText(/^Restored 1 file/)).toBeVisible();
    expect(readFileSync(join(documents, 'lost letter.txt'), 'utf8')).toBe('Dear council,\n');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('has been removed again')).toBeVisible();
    expect(existsSync(join(documents, 'lost letter.txt'))).toBe(false);

    // A version before this one, and what differs in it.
    await page.getByText('packing list.txt').click();
    const strip = page.getByRole('slider', { name: 'Versions of packing list.txt' });
    await strip.press('End');
    await page.getByRole('button', { name: 'What is different …' }).click();
    const diff = page.getByRole('dialog');
    await expect(diff.getByText('umbrella')).toBeVisible();
    await expect(diff.getByText('1 line gone · 2 lines new')).toBeVisible();
    await checkAccessible(page);
    await page.keyboard.press('Escape');

    // The name is taken: what is there is renamed and kept.
    await page.getByRole('combobox', { name: 'Something of that name is there' }).click();
    await page.getByRole('option', { name: /^Replace it/ }).click();
    await page.getByRole('button', { name: /^Put packing list.txt back/ }).click();
    await expect(page.getByText(/^Restored 1 file/)).toBeVisible();
    expect(readFileSync(list, 'utf8')).toBe(OLD);
    expect(readdirSync(documents).some((name) => name.includes('before restore'))).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('has been removed again')).toBeVisible();
    expect(readFileSync(list, 'utf8')).toBe(NEW);
  });

  test('marks with the keyboard, and shows what changed', async ({ page }) => {
    await page.goto(`${served.address}#/restore`);
    await chooseSource(page);
    const grid = page.getByRole('grid', { name: /^Folder/ });
    await grid.press('d');
    await grid.press(' ');
    await grid.press('ArrowDown');
    await grid.press(' ');
    await expect(page.getByRole('heading', { name: '2 marked' })).toBeVisible();
    await page.getByText('Another folder').click();
    const target = join(folder, 'out');
    mkdirSync(target);
    await page.getByRole('textbox', { name: 'Folder to restore into' }).fill(target);
    await page.getByRole('button', { name: 'Restore 2 to out' }).click();
    await expect(page.getByText(/^Restored \d+ files/)).toBeVisible();
    expect(readdirSync(target).sort()).toEqual(['Documents', 'Music']);

    await page.getByText('What changed', { exact: true }).click();
    await page.getByRole('button', { name: 'Compare' }).click();
    await expect(page.getByText(/^inside: /).first()).toBeVisible();
    await grid.press('d');
    await grid.press('Enter');
    await expect(page.getByRole('row').filter({ hasText: 'lost letter.txt' })).toContainText(
      'gone',
    );
    await expect(page.getByRole('row').filter({ hasText: 'packing list' })).toContainText(
      'other content',
    );
    await expect(page.getByText('written again.txt')).toBeHidden();
    await checkAccessible(page);
  });

  test('takes a subvolume back, after showing each step', async ({ page }) => {
    await page.goto(`${served.address}#/restore`);
    await chooseSource(page);
    await page.getByRole('slider').first().press('Home');
    await page.getByRole('button', { name: 'Go back to this moment …' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('Put the copy in its place')).toBeVisible();
    await expect(dialog.getByText(/^dendro rollback/)).toBeVisible();
    await checkAccessible(page);
    await dialog.getByRole('button', { name: /^Go back to/ }).click();
    await expect(dialog.getByText(/^Done, and checked/)).toBeVisible();
    expect(readFileSync(join(documents, 'packing list.txt'), 'utf8')).toBe(OLD);
    expect(existsSync(join(documents, 'lost letter.txt'))).toBe(true);
  });

  test('opens a stream file and an archive, and unpacks', async ({ page }) => {
    await page.goto(`${served.address}#/streams`);
    await openPath(page, join(disk.dir, 'b.btrfs'));
    await expect(page.getByText('Every checksum is right.')).toBeVisible();
    const grid = page.getByRole('grid');
    await grid.press('d');
    await grid.press('Enter');
    await expect(page.getByRole('row').filter({ hasText: 'lost letter' })).toContainText(
      'taken away',
    );
    await page.getByText('Commands', { exact: true }).click();
    await page.getByRole('button', { name: /^unlink/ }).click();
    await expect(page.getByText('1 command fits')).toBeVisible();
    await checkAccessible(page);
    await page.getByRole('link', { name: 'Open another …' }).click();
    await openPath(page, join(disk.dir, 'a.btrfs.zst'));
    await page.getByRole('button', { name: 'Unpack …' }).click();
    const unpacked = join(folder, 'unpacked');
    mkdirSync(unpacked);
    await page.getByRole('textbox', { name: 'Into the folder' }).fill(unpacked);
    await page.getByRole('button', { name: 'Unpack', exact: true }).click();
    await expect(page.getByText('Unpacked. It is here:')).toBeVisible();
    expect(readFileSync(join(unpacked, 'a/Documents/packing list.txt'), 'utf8')).toBe(OLD);

    await page.goto(`${served.address}#/streams`);
    await openPath(page, join(disk.dir, 'archive'));
    await page.getByRole('grid', { name: /^Moments/ }).press('ArrowDown');
    await page.getByRole('row').filter({ hasText: 'Documents' }).dblclick();
    await page.getByRole('row').filter({ hasText: 'packing list.txt' }).click();
    await checkAccessible(page);
    await page.getByRole('button', { name: 'Restore 1 …' }).click();
    const restored = join(folder, 'restored');
    mkdirSync(restored);
    const list = join(restored, 'packing list.txt');
    await page.getByRole('textbox', { name: 'Folder to restore into' }).fill(restored);
    await page.getByRole('button', { name: 'Restore', exact: true }).click();
    await expect(page.getByText('Restored. It is here:')).toBeVisible();
    expect(readFileSync(list, 'utf8')).toBe(OLD);
    // Once more over what was changed since: it is asked what becomes of that.
    writeFileSync(list, 'mine\n');
    await page.getByRole('dialog').getByText('Close', { exact: true }).click();
    await page.getByRole('button', { name: 'Restore 1 …' }).click();
    await page.getByRole('textbox', { name: 'Folder to restore into' }).fill(restored);
    await page.getByRole('combobox', { name: 'When something of that name is there' }).click();
    const replace = page.getByRole('option', { name: /^Replace it/ });
    await replace.click();
    await expect(replace).toBeHidden();
    await checkAccessible(page);
    await page.getByRole('button', { name: 'Restore', exact: true }).click();
    await expect(page.getByText('Restored. It is here:')).toBeVisible();
    expect(readFileSync(list, 'utf8')).toBe(OLD);
    const aside = readdirSync(restored).filter((name) => name !== 'packing list.txt');
    expect(aside.map((name) => readFileSync(join(restored, name), 'utf8'))).toEqual(['mine\n']);
  });

  test('saves what is on a disk in trouble', async ({ page }) => {
    disk.unmount();
    await page.goto(`${served.address}#/rescue`);
    await page.getByRole('textbox', { name: 'Or name it' }).fill(disk.images[0]!);
    await page.getByRole('button', { name: 'Look what is there' }).click();
    await expect(page.getByText(/states of your files can be restored/)).toBeVisible();
    await checkAccessible(page);
    const moment = page.getByRole('listitem').filter({ hasText: '.dendro/a' }).first();
    await moment.getByRole('button', { name: 'Look inside' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('Documents')).toBeVisible();
    const saved = join(folder, 'saved');
    mkdirSync(saved);
    await dialog.getByRole('textbox', { name: 'Folder to restore into' }).fill(saved);
    await dialog.getByRole('button', { name: /^Restore Everything to saved/ }).click();
    await expect(dialog.getByText(/^Restored \d+ files/)).toBeVisible();
    const lists = run('find', [saved, '-name', 'packing list.txt']).stdout.toString().trim();
    expect(readFileSync(lists, 'utf8')).toBe(OLD);
  });
});

/** Two moments of a home, streams of both, and an archive with the first. */
function fill(top: string, documents: string): void {
  run('btrfs', ['-q', 'subvolume', 'create', join(top, '@home')]);
  mkdirSync(documents);
  mkdirSync(join(top, '@home', 'Music'));
  writeFileSync(join(top, '@home', 'Music', 'song.ogg'), 'la la la\n');
  writeFileSync(join(documents, 'packing list.txt'), OLD);
  writeFileSync(join(documents, 'lost letter.txt'), 'Dear council,\n');
  writeFileSync(join(documents, 'written again.txt'), 'the same\n');
  snapshot(top, 'a');
  writeFileSync(join(documents, 'packing list.txt'), NEW);
  rmSync(join(documents, 'lost letter.txt'));
  snapshot(top, 'b');
  const [a, b] = [join(top, '.dendro/a'), join(top, '.dendro/b')];
  run('btrfs', ['send', '-q', '-f', join(top, 'a.btrfs'), a]);
  run('btrfs', ['send', '-q', '-p', a, '-f', join(top, 'b.btrfs'), b]);
  run('zstd', ['-q', join(top, 'a.btrfs')]);
  run(dendro, ['archive', 'export', join(top, 'archive'), a]);
}

function snapshot(top: string, name: string): void {
  mkdirSync(join(top, '.dendro'), { recursive: true });
  run('btrfs', [
    ...['-q', 'subvolume', 'snapshot', '-r'],
    ...[join(top, '@home'), join(top, '.dendro', name)],
  ]);
}

/** This machine may have other volumes. */
async function chooseSource(page: Page): Promise<void> {
  const box: Locator = page.getByRole('combobox', { name: 'Restore from' });
  await box.click();
  await page.getByRole('option', { name: `Home, on Laptop ${process.pid}` }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Documents' })).toBeVisible();
}

async function openPath(page: Page, path: string): Promise<void> {
  await page.getByRole('textbox', { name: 'File or folder' }).fill(path);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}

async function checkAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
}
