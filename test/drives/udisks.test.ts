import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBus } from '../../main/dbus/bus.ts';
import { DriveMounts } from '../../main/drives/drive-mounts.ts';
import { Drives } from '../../main/drives/drives.ts';
import { openUdisks } from '../../main/drives/udisks.ts';
import { openHistory, type History } from '../../main/history/history.ts';
import { describeKernel } from '../harness/kernel.ts';
import { startMessageBus, type TestMessageBus } from '../harness/message-bus.ts';
import { run, runText } from '../harness/run.ts';
import { TestDisks } from './disks.ts';

/** The real udisksd, on a message bus of our own. */
const DAEMON = ['/usr/libexec/udisks2/udisksd', '/usr/lib/udisks2/udisksd'].find((path) =>
  existsSync(path),
);
let disks: TestDisks;
let daemon: TestMessageBus;
let history: History;
let drives: Drives;
let device: string;
let udevEntry: string | undefined;
const udisks = () => openUdisks(() => openBus({ address: daemon.address }));

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  disks = new TestDisks();
  const args = ['-q', '-L', 'dendro-udisks'];
  device = disks.plug(disks.formatted('udisks', 'mkfs.btrfs', args));
  udevEntry = tellUdev(device);
  daemon = await startMessageBus();
  daemon.start(DAEMON!, ['--no-debug']);
  history = openHistory(':memory:');
  const mounts = new DriveMounts(join(disks.folder, 'mounts'), udisks);
  drives = new Drives({ history: history.drives, nowMs: () => 1, mounts });
  await ready();
});
afterAll(async () => {
  if (udevEntry) rmSync(udevEntry, { force: true });
  history?.close();
  await daemon?.close();
  disks?.close();
});

/** Where no udevd runs, what it would have found out about the device is written for UDisks2. */
function tellUdev(path: string): string | undefined {
  if (existsSync('/run/udev/control')) return undefined;
  const number = runText('lsblk', ['-n', '-d', '-o', 'MAJ:MIN', path]).trim();
  const facts = runText('blkid', ['-p', '-o', 'udev', path]);
  mkdirSync('/run/udev/data', { recursive: true });
  const entry = `/run/udev/data/b${number}`;
  writeFileSync(entry, ['I:1', ...facts.split('\n').map((line) => `E:${line}`), ''].join('\n'));
  return entry;
}

/** Until udisksd has its name and knows the device. */
async function ready(): Promise<void> {
  for (;;) {
    const one = await udisks();
    const knows = await one?.knows(device);
    await one?.close();
    if (knows) return;
    await sleep(50);
  }
}

describeKernel('a drive through the real UDisks2', () => {
  /** One of each only: where no udevd answers, udisksd waits 20 s for it at both ends. */
  it('is mounted where UDisks2 puts it, not unmounted under an open file, and unmounted after', async () => {
    const driveId = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);
    const lease = await drives.mountFor(driveId, { mayMount: true, afterRun: 'leave' });
    expect(lease.mountPath).toMatch(/^\/(run\/)?media\//);
    expect(lease.name).toBe('dendro-udisks');
    const file = join(lease.mountPath, 'file');
    writeFileSync(file, 'content');
    expect(await lease.release()).toEqual({ safeToUnplug: false, state: 'mounted' });
    const fd = openSync(file, 'r');
    await expect(drives.release(driveId)).rejects.toMatchObject({ code: 'drive-busy' });
    closeSync(fd);
    // A loop device has no power to take: unmounted is what can be had.
    expect(await drives.release(driveId)).toEqual({ safeToUnplug: true, state: 'unmounted' });
    expect(run('findmnt', ['-S', device], { accept: [0, 1] }).status).toBe(1);
  });

  it('that holds nothing encrypted cannot be unlocked', async () => {
    const one = (await udisks())!;
    await expect(one.unlock(device, 'words')).rejects.toMatchObject({ kind: 'Unsupported' });
    await one.close();
  });
});
