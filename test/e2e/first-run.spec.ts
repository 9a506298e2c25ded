import { expect, test, type Locator, type Page } from '@playwright/test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDisks } from '../drives/disks.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { fillTree } from '../harness/fill.ts';
import { kernelState } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { picture } from './support/picture.ts';
import { serve } from './support/real-service.ts';

const state = kernelState();
const MOST_CLICKS = 5;

interface Case {
  readonly name: string;
  readonly mkfs: readonly [command: string, ...args: string[]];
  readonly isMounted: boolean;
  /** Where the kernel is not asked to mount it. */
  readonly mountOptions?: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'btrfs, mounted', mkfs: ['mkfs.btrfs', '-q', '-L'], isMounted: true },
  { name: 'ext4, mounted', mkfs: ['mkfs.ext4', '-q', '-L'], isMounted: true },
  {
    ...{ name: 'exFAT, mounted', mkfs: ['mkfs.exfat', '-L'], isMounted: true },
    mountOptions: ['-t', 'exfat-fuse'],
  },
  { name: 'ext4, plugged in only', mkfs: ['mkfs.ext4', '-q', '-L'], isMounted: false },
];

/** From a fresh install with a drive plugged in: how far it is to a running first backup. */
test.describe.serial('the first run, onto a drive with', () => {
  test.skip(state.kind === 'absent', state.kind === 'absent' ? state.reason : '');
  test.setTimeout(180_000);
  let laptop: TestBtrfs;
  let home: string;
  let disks: TestDisks;
  test.beforeAll(() => {
    laptop = makeBtrfs({ sizeMiB: 256, mkfsArgs: ['-L', `First ${process.pid}`] });
    home = join(laptop.dir, '@home');
    run('btrfs', ['subvolume', 'create', home]);
    fillTree(home, { files: 40 });
    disks = new TestDisks();
  });
  test.afterAll(() => {
    disks?.close();
    laptop?.close();
  });

  for (const [index, { name, mkfs, isMounted, mountOptions }] of cases.entries()) {
    test(name, async ({ page }) => {
      const label = `D${index}-${process.pid}`;
      const [command, ...args] = mkfs;
      const device = disks.plug(disks.formatted(label, command, [...args, label], 512));
      if (isMounted) disks.mount(device, `mnt-${label}`, mountOptions);
      writeFileSync(join(home, 'written before.txt'), `${name}\n`);
      const installed = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-first-`));
      const service = await serve(installed);
      try {
        await page.goto(service.address);
        const clicks = counter();
        await openDialog(page, home, label, clicks);
        const dialog = page.getByRole('dialog');
        if (!isMounted) await clicks.on(dialog.getByRole('button', { name: 'Mount' }));
        await clicks.on(dialog.getByRole('button', { name: new RegExp(`^Send .* to ${label}$`) }));
        await expect(page.getByTestId('run')).toBeVisible();
        expect(clicks.count).toBeLessThanOrEqual(MOST_CLICKS);
        await expect(page.getByTestId('run').first()).toHaveAttribute('data-state', 'done', {
          timeout: 60_000,
        });
        expect(differences(home, mountPoint(device), laptop)).toEqual([]);
        await expect(
          page
            .getByRole('article')
            .filter({ hasText: home })
            .getByText(/safe up to/),
        ).toBeVisible();
      } finally {
        await picture(page, `first-run-${index}`);
        await service.end();
        disks.unmount(mountPoint(device));
        await disks.unplug(device);
        rmSync(installed, { recursive: true, force: true });
        deleteSnapshots(laptop.dir);
      }
    });
  }
});

/** Clicks as a person would, and counts them. */
interface Clicks {
  count: number;
  on(target: Locator): Promise<void>;
}

function counter(): Clicks {
  return {
    count: 0,
    async on(target) {
      await expect(target).toBeEnabled({ timeout: 60_000 });
      this.count += 1;
      await target.click();
    },
  };
}

/**
 * From Home to the dialog with this source and this drive. Where this machine has backups of
 * others already, Home has a row and a button for each source instead of the three steps.
 */
async function openDialog(page: Page, home: string, drive: string, clicks: Clicks): Promise<void> {
  const steps = page.getByRole('region', { name: 'Three steps to the first backup' });
  const row = page.getByRole('article').filter({ hasText: home });
  await expect(steps.or(row).first()).toBeVisible({ timeout: 60_000 });
  if (await steps.isVisible()) {
    for (const name of [`Home (${home})`, drive]) {
      await expect(steps.getByText(name).first()).toBeVisible({ timeout: 60_000 });
      const radio = steps.getByRole('radio', { name });
      if ((await radio.count()) > 0 && !(await radio.isChecked())) await clicks.on(radio);
    }
    return clicks.on(page.getByRole('button', { name: 'Make the first backup' }));
  }
  await clicks.on(row.getByRole('button', { name: 'Back up Home' }));
  const target = page.getByRole('dialog').getByRole('combobox', { name: 'To' });
  await expect(target).toBeVisible({ timeout: 60_000 });
  if ((await target.inputValue()).startsWith(drive)) return;
  await clicks.on(target);
  await clicks.on(page.getByRole('option', { name: drive }));
}

/** The next one is a fresh install on a computer without restore points. */
function deleteSnapshots(top: string): void {
  const folder = join(top, '.dendro');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    run('btrfs', ['subvolume', 'delete', join(folder, name)]);
  }
}

function mountPoint(device: string): string {
  return runText('findmnt', ['-n', '-o', 'TARGET', device]).split('\n')[0]!;
}

/** The backup beside the source; stream files received by the stock tools. */
function differences(home: string, drive: string, laptop: TestBtrfs): string[] {
  const received = readdirSync(drive).find((name) => name.startsWith('@home.'));
  if (received) return showDifferences(compareTrees(home, join(drive, received)));
  const [stream] = readdirSync(join(drive, 'Dendro'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.btrfs.zst'));
  const scratch = join(laptop.dir, `received-${drive.replaceAll('/', '_')}`);
  mkdirSync(scratch);
  run('bash', [
    '-c',
    'zstd -dc "$1" | btrfs receive "$2"',
    'x',
    join(drive, 'Dendro', stream!),
    scratch,
  ]);
  const found = showDifferences(
    // The stock receive ignores the attributes of files.
    compareTrees(home, join(scratch, readdirSync(scratch)[0]!), { except: ['flags'] }),
  );
  run('btrfs', ['subvolume', 'delete', join(scratch, readdirSync(scratch)[0]!)]);
  rmdirSync(scratch);
  return found;
}
