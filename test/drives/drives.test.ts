import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DriveMounts } from '../../main/drives/drive-mounts.ts';
import { Drives, type DriveChange } from '../../main/drives/drives.ts';
import { MARKER_NAME } from '../../main/drives/marker.ts';
import { openHistory, type History } from '../../main/history/history.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run, runText } from '../harness/run.ts';
import { TestDisks } from './disks.ts';

const FOR_THE_RUN = { mayMount: true, afterRun: 'unmount' } as const;
const AS_IT_IS = { mayMount: false, afterRun: 'leave' } as const;
let disks: TestDisks;
let history: History;
let drives: Drives;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  disks = new TestDisks();
  history = openHistory(':memory:');
  drives = newDrives();
});
afterAll(() => {
  drives?.stop();
  history?.close();
  disks?.close();
});

/** Without UDisks2: as on a server. */
function newDrives(of: History = history): Drives {
  const folder = join(disks.folder, 'mounts');
  const mounts = new DriveMounts(folder, () => Promise.resolve(undefined));
  const secrets = () => Promise.resolve(undefined);
  return new Drives({ history: of.drives, nowMs: () => 1_000, mounts, secrets });
}

const uuidOf = (device: string): string =>
  runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);
const driveOn = async (device: string): Promise<Drive | undefined> =>
  (await drives.list()).find((drive) => drive.devicePath === device);
const errorOf = (promise: Promise<unknown>): Promise<{ code: string; message: string }> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: { code: string; message: string }) => error,
  );

describeKernel('the drives of this computer', () => {
  it('are listed with filesystem, label, UUID and size, LUKS and blank ones included', async () => {
    const ext4 = disks.plug(disks.formatted('a', 'mkfs.ext4', ['-q', '-L', 'Blue Drive']));
    const luks = disks.image('b', 64);
    const options = ['--type', 'luks2', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];
    run('cryptsetup', ['luksFormat', ...options, '-q', luks, '-'], { input: 'secret' });
    const locked = disks.plug(luks);
    expect(await driveOn(ext4)).toMatchObject({
      driveId: uuidOf(ext4),
      name: 'Blue Drive',
      filesystem: 'ext4',
      state: 'unmounted',
      sizeBytes: 120 * 1024 * 1024,
      luks: null,
      disk: { path: ext4, transport: 'loop' },
    });
    expect(await driveOn(locked)).toMatchObject({
      driveId: `luks:${uuidOf(locked)}`,
      state: 'locked',
      filesystem: '',
      luks: { uuid: uuidOf(locked), unlocked: false },
    });
    expect(await errorOf(drives.mountFor(`luks:${uuidOf(locked)}`, FOR_THE_RUN))).toMatchObject({
      code: 'passphrase-needed',
    });
  });

  it('that are copies of each other are refused, both named; members of one btrfs are one', async () => {
    const image = disks.formatted('original', 'mkfs.btrfs', ['-q']);
    run('cp', [image, join(disks.folder, 'copy')]);
    const [one, two] = [disks.plug(image), disks.plug(join(disks.folder, 'copy'))];
    const failed = await errorOf(drives.mountFor(uuidOf(one), FOR_THE_RUN));
    expect(failed.code).toBe('drive-twins');
    expect(failed.message).toContain(one);
    expect(failed.message).toContain(two);
    await disks.unplug(two);
    const pair = [disks.image('m1', 120), disks.image('m2', 120)];
    const members = pair.map((path) => disks.plug(path));
    run('mkfs.btrfs', ['-q', ...members]);
    const raid = (await drives.list()).find(({ driveId }) => driveId === uuidOf(members[0]!));
    expect(raid).toMatchObject({ problem: null, sizeBytes: 240 * 1024 * 1024 });
  });

  it('are noticed when they come and go: at once by events, else by the poll', async () => {
    const image = disks.formatted('usb', 'mkfs.btrfs', ['-q', '-L', 'stick']);
    const watching = newDrives();
    const changes: DriveChange[] = [];
    let wake = (): void => undefined;
    watching.onChange((change) => {
      changes.push(change);
      wake();
    });
    const until = async (done: () => boolean): Promise<void> => {
      while (!done()) await new Promise<void>((resolve) => (wake = resolve));
    };
    await watching.refresh();
    watching.start();
    const device = disks.plug(image);
    const uuid = uuidOf(device);
    const has = (of: 'arrived' | 'left') => (): boolean =>
      changes.some((change) => change[of].some(({ driveId }) => driveId === uuid));
    await until(has('arrived'));
    await disks.unplug(device);
    await until(has('left'));
    watching.stop();
  });
});

describeKernel('a drive for a run', () => {
  it('is mounted, marked, held, and unmounted after the last run that needs it', async () => {
    const device = disks.plug(disks.formatted('lease', 'mkfs.btrfs', ['-q', '-L', 'Lease']));
    const driveId = uuidOf(device);
    const first = await drives.mountFor(driveId, FOR_THE_RUN);
    const second = await drives.mountFor(driveId, AS_IT_IS);
    expect(second.mountPath).toBe(first.mountPath);
    expect(await driveOn(device)).toMatchObject({ known: true, inUse: 2, state: 'mounted' });
    expect((await errorOf(drives.release(driveId))).code).toBe('drive-busy');
    writeFileSync(join(first.mountPath, 'backup'), 'content');
    first.check();
    expect(await first.release()).toEqual({ safeToUnplug: false, state: 'mounted' });
    expect(await second.release()).toEqual({ safeToUnplug: true, state: 'unmounted' });
    expect(await second.release()).toEqual({ safeToUnplug: true, state: 'unmounted' });
    expect(existsSync(first.mountPath)).toBe(false);
    const path = disks.mount(device, 'look');
    expect(readFileSync(join(path, 'backup'), 'utf8')).toBe('content');
    expect(JSON.parse(readFileSync(join(path, MARKER_NAME), 'utf8'))).toMatchObject({
      dendro: 'drive',
      name: 'Lease',
    });
    disks.unmount(path);
    await disks.unplug(device);
    expect((await drives.list()).find((drive) => drive.driveId === driveId)).toMatchObject({
      state: 'away',
      name: 'Lease',
      devicePath: null,
    });
    expect((await errorOf(drives.mountFor(driveId, FOR_THE_RUN))).code).toBe('drive-away');
  });

  // A plan that ended took the power of a drive that somebody was restoring from.
  it('is not put away while something else uses it as it is, and then is, as was wished', async () => {
    const device = disks.plug(disks.formatted('used', 'mkfs.ext4', ['-q', '-L', 'Used']));
    const driveId = uuidOf(device);
    const end = await drives.use(driveId);
    expect((await errorOf(drives.release(driveId))).code).toBe('drive-busy');
    const lease = await drives.mountFor(driveId, FOR_THE_RUN);
    expect(await lease.release()).toEqual({ safeToUnplug: false, state: 'mounted' });
    expect(await driveOn(device)).toMatchObject({ inUse: 1, state: 'mounted' });
    await end();
    expect(await driveOn(device)).toMatchObject({ inUse: 0, state: 'unmounted' });
    const again = await drives.use(driveId);
    await again();
    expect(await driveOn(device)).toMatchObject({ inUse: 0, state: 'unmounted' });
  });

  it('that a person mounted stays mounted, and is safe to unplug when it is released', async () => {
    const device = disks.plug(disks.formatted('theirs', 'mkfs.ext4', ['-q']));
    const path = disks.mount(device, 'theirs-mount');
    const lease = await drives.mountFor(uuidOf(device), { mayMount: true, afterRun: 'power-off' });
    expect(lease.mountPath).toBe(path);
    expect(await lease.release()).toEqual({ safeToUnplug: false, state: 'mounted' });
    expect((await driveOn(device))?.state).toBe('mounted');
    const open = join(path, 'open');
    writeFileSync(open, '');
    const released = await drives.release(uuidOf(device));
    expect(released).toEqual({ safeToUnplug: true, state: 'unmounted' });
    expect((await driveOn(device))?.state).toBe('unmounted');
  });

  it('is not mounted where nobody allowed that', async () => {
    const device = disks.plug(disks.formatted('shy', 'mkfs.ext4', ['-q']));
    expect((await errorOf(drives.mountFor(uuidOf(device), AS_IT_IS))).code).toBe(
      'drive-not-mounted',
    );
  });

  it('mounted by a Dendro that was killed is still its to unmount', async () => {
    const device = disks.plug(disks.formatted('killed', 'mkfs.ext4', ['-q']));
    const driveId = uuidOf(device);
    const path = join(disks.folder, 'killed.sqlite');
    const script = fileURLToPath(new URL('./killed-with-lease.ts', import.meta.url));
    const folder = join(disks.folder, 'mounts');
    const killed = spawnSync(process.execPath, [script, path, folder, driveId]);
    expect(killed.signal).toBe('SIGKILL');
    expect((await driveOn(device))?.state).toBe('mounted');
    const own = openHistory(path);
    const next = newDrives(own);
    const lease = await next.mountFor(driveId, FOR_THE_RUN);
    expect(await lease.release()).toEqual({ safeToUnplug: true, state: 'unmounted' });
    own.close();
  });
});

describeKernel('the mount guard', () => {
  it('never lets anything be written once the drive is unmounted by force', async () => {
    const device = disks.plug(disks.formatted('forced', 'mkfs.btrfs', ['-q']));
    const path = disks.mount(device, 'forced-mount');
    const lease = await drives.mountFor(uuidOf(device), AS_IT_IS);
    lease.check();
    expect(run('umount', [path], { accept: [0, 32] }).status).toBe(32);
    disks.unmount(path, ['-l']);
    expect(() => lease.check()).toThrow(/is not mounted at/);
    await lease.release();
    expect(readdirSync(path)).toEqual([]);
  });

  it('sees that another filesystem was mounted over it', async () => {
    const device = disks.plug(disks.formatted('under', 'mkfs.btrfs', ['-q']));
    const path = disks.mount(device, 'over-mount');
    const lease = await drives.mountFor(uuidOf(device), AS_IT_IS);
    run('mount', ['-t', 'tmpfs', 'none', path]);
    expect(() => lease.check()).toThrow(/is not mounted at/);
    run('umount', [path]);
    lease.check();
    await lease.release();
  });

  it('refuses a drive with the same UUID but another marker, or none', async () => {
    const image = disks.formatted('known', 'mkfs.ext4', ['-q']);
    run('cp', [image, join(disks.folder, 'double')]);
    const device = disks.plug(image);
    const driveId = uuidOf(device);
    await (await drives.mountFor(driveId, FOR_THE_RUN)).release();
    await disks.unplug(device);
    const double = disks.plug(join(disks.folder, 'double'));
    expect((await errorOf(drives.mountFor(driveId, FOR_THE_RUN))).code).toBe(
      'drive-marker-missing',
    );
    // What was mounted to look is unmounted again.
    expect((await driveOn(double))?.state).toBe('unmounted');
    const other = openHistory(':memory:');
    const mounts = new DriveMounts(join(disks.folder, 'elsewhere'), async () => undefined);
    const elsewhere = new Drives({ history: other.drives, nowMs: () => 2, mounts });
    await (await elsewhere.mountFor(driveId, FOR_THE_RUN)).release();
    expect((await errorOf(drives.mountFor(driveId, FOR_THE_RUN))).code).toBe('drive-swapped');
    other.close();
    await drives.forget(driveId);
    await (await drives.mountFor(driveId, FOR_THE_RUN)).release();
  });

  it('refuses a drive that is mounted read-only', async () => {
    const device = disks.plug(disks.formatted('ro', 'mkfs.ext4', ['-q']));
    disks.mount(device, 'ro-mount', ['-o', 'ro']);
    expect((await errorOf(drives.mountFor(uuidOf(device), AS_IT_IS))).code).toBe('read-only');
  });

  it('marks the top level of a btrfs of which only a subvolume is mounted', async () => {
    const device = disks.plug(disks.formatted('sub', 'mkfs.btrfs', ['-q']));
    const top = disks.mount(device, 'sub-top');
    run('btrfs', ['subvolume', 'create', join(top, 'backups')]);
    disks.unmount(top);
    const path = disks.mount(device, 'sub-mount', ['-o', 'subvol=backups']);
    await (await drives.mountFor(uuidOf(device), AS_IT_IS)).release();
    expect(existsSync(join(path, MARKER_NAME))).toBe(false);
    disks.unmount(path);
    const again = disks.mount(device, 'sub-top');
    expect(existsSync(join(again, MARKER_NAME))).toBe(true);
    rmSync(join(again, MARKER_NAME));
  });
});
