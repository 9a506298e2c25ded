import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createService, inProcessClient, type LocalService } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import type { Run } from '../../shared/model/run.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import type { RestorePoint, Source } from '../../shared/model/subvolume.ts';
import { TestDisks } from '../drives/disks.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';

vi.setConfig({ testTimeout: 300_000 });
const HOUR_MS = 3_600_000;

/** What a drive says is believed only of what is there now, whatever was there under its name. */
describeKernel('drives that are not what they were', () => {
  let laptop: TestBtrfs;
  let disks: TestDisks;
  let work: string;
  let service: LocalService;
  let client: Client;
  let clockMs = Date.now();
  const label = `identity-${process.pid}`;

  beforeAll(() => {
    laptop = makeBtrfs({ sizeMiB: 400, mkfsArgs: ['-L', label] });
    run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
    change('first');
    disks = new TestDisks();
    work = mkdtempSync(join(tmpdir(), 'dendro-identity-'));
    open();
  });
  afterAll(async () => {
    await service.close();
    laptop.close();
    disks.close();
    rmSync(work, { recursive: true });
  });

  function open(): void {
    service = createService({
      ...{ historyPath: join(work, 'history.sqlite'), version: 'test', carrier: 'in-process' },
      ...{ runPlans: false, nowMs: () => clockMs },
    });
    client = inProcessClient(service);
  }
  const restart = async (): Promise<void> => {
    await service.close();
    open();
  };
  const change = (text: string): void =>
    writeFileSync(join(laptop.dir, 'home', 'changing'), text.repeat(20_000));

  async function makePlan(
    name: string,
    driveId: string,
    keepLocal: object = { latest: 5 },
  ): Promise<string> {
    const volumes = await client.call('volumes.list', {});
    const { volumeId } = volumes.find((volume) => volume.label === label)!;
    const found = await client.call('subvolumes.list', { volumeId });
    const { subvolumeId } = found.find(({ path }) => path === 'home')!;
    const keep = { latest: 5 };
    const draft = PlanDraft.parse({
      ...{ name, sources: [{ volumeId, subvolumeId, path: 'home' }], when: [], keepLocal },
      targets: [{ kind: 'archive', driveId, folder: 'backups', keep }],
    });
    return (await client.call('plans.create', draft)).planId;
  }

  async function runPlan(planId: string): Promise<Run> {
    clockMs += HOUR_MS;
    const since = clockMs;
    await client.call('plans.run', { planId });
    await service.scheduler.idle();
    const { runs } = await client.call('runs.list', { afterMs: since - 1, limit: 50 });
    return runs.find(({ kind, planId: own }) => kind === 'backup' && own === planId)!;
  }

  const home = async (): Promise<Source> =>
    (await client.call('sources.list', {})).find(
      ({ name, volumeName }) => name === 'home' && volumeName === label,
    )!;
  const points = async (): Promise<RestorePoint[]> => {
    const { volumeId, subvolumeId } = await home();
    return client.call('points.list', { source: { volumeId, subvolumeId } });
  };
  const archivedAt = async (driveId: string): Promise<[string, boolean][]> =>
    (await points()).flatMap(({ name, copies }) =>
      copies
        .filter(({ volumeId }) => volumeId === `archive:${driveId}/backups`)
        .map(({ present }): [string, boolean] => [name, present]),
    );
  const uuidOf = (device: string): string =>
    runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);

  describe('an archive on a drive', () => {
    let image: string;
    let device: string;
    let path: string;
    let driveId: string;
    let planId: string;

    beforeAll(async () => {
      image = disks.formatted('stick', 'mkfs.ext4', ['-q', '-L', 'Stick'], 100);
      device = disks.plug(image);
      driveId = uuidOf(device);
      path = disks.mount(device, 'stick-mount');
      planId = await makePlan('to the stick', driveId);
      for (const text of ['one', 'two']) {
        change(text);
        expect((await runPlan(planId)).error).toBeNull();
      }
    });

    it('is safe as long as it is there', async () => {
      expect(await archivedAt(driveId)).toHaveLength(2);
      expect((await home()).health).toMatchObject({ level: 'safe' });
    });

    // A service that had just begun believed what it remembered: "safe".
    it('protects nothing once somebody deleted it, also for a service that begins anew', async () => {
      renameSync(join(path, 'backups'), join(path, '.aside'));
      await restart();
      expect(await archivedAt(driveId)).toEqual([]);
      expect((await home()).health.level).toBe('here-only');
      renameSync(join(path, '.aside'), join(path, 'backups'));
      expect(await archivedAt(driveId)).toHaveLength(2);
      expect((await home()).health.level).toBe('safe');
    });

    // They were counted as copies of restore points, and the newest of them as "safe".
    it('counts no point whose stream is not there', async () => {
      const [newest] = await points();
      const file = join(path, 'backups', 'home', `${newest!.name}.btrfs.zst`);
      renameSync(file, join(path, 'aside'));
      await restart();
      expect(await archivedAt(driveId)).toHaveLength(1);
      const { health } = await home();
      expect(health).toMatchObject({ level: 'safe', untilMs: (await points())[1]!.takenAtMs });
      renameSync(join(path, 'aside'), file);
      await restart();
      expect(await archivedAt(driveId)).toHaveLength(2);
    });

    it('is what its clone has, when that is plugged in instead', async () => {
      disks.unmount(path);
      const clone = disks.image('clone', 1);
      copyFileSync(image, clone);
      disks.mount(device, 'stick-mount');
      change('three');
      expect((await runPlan(planId)).error).toBeNull();
      expect(await archivedAt(driveId)).toHaveLength(3);
      disks.unmount(path);
      await disks.unplug(device);
      const other = disks.plug(clone);
      disks.mount(other, 'stick-mount');
      expect(await archivedAt(driveId)).toHaveLength(2);
      change('four');
      expect(await runPlan(planId)).toMatchObject({ error: null });
      expect(await archivedAt(driveId)).toHaveLength(3);
      run('bash', ['-c', 'cd "$1" && sha256sum --quiet -c SHA256SUMS', '-', join(path, 'backups')]);
      disks.unmount(path);
      await disks.unplug(other);
      device = disks.plug(image);
      disks.mount(device, 'stick-mount');
      expect(await archivedAt(driveId)).toHaveLength(3);
      change('five');
      expect(await runPlan(planId)).toMatchObject({ error: null });
      expect(await archivedAt(driveId)).toHaveLength(4);
    });

    it('is not read while two drives claim to be it', async () => {
      disks.unmount(path);
      const clone = disks.image('twin', 1);
      copyFileSync(image, clone);
      const other = disks.plug(clone);
      const twin = disks.mount(other, 'twin-mount');
      rmSync(join(twin, 'backups'), { recursive: true });
      disks.mount(device, 'stick-mount');
      await restart();
      const drives = await client.call('drives.list', {});
      const drive = drives.find((one) => one.driveId === driveId)!;
      expect(drive.problem).toMatchObject({ code: 'drive-twins' });
      // What was seen last stays known, and nobody says that it is here.
      const seen = await archivedAt(driveId);
      expect(seen).toHaveLength(4);
      expect(seen.every(([, present]) => !present)).toBe(true);
      expect((await home()).health.level).toBe('away');
      disks.unmount(twin);
      await disks.unplug(other);
    });

    it('of another drive under the same label is another one', async () => {
      disks.unmount(path);
      run('mkfs.ext4', ['-q', '-F', '-L', 'Stick', device]);
      disks.mount(device, 'stick-mount');
      expect(await runPlan(planId)).toBeUndefined();
      expect((await archivedAt(driveId)).every(([, present]) => !present)).toBe(true);
      expect((await home()).health.level).toBe('away');
      const drives = await client.call('drives.list', {});
      expect(drives.find((one) => one.driveId === driveId)).toMatchObject({
        ...{ name: 'Stick', state: 'away', problem: { code: 'drive-formatted' } },
      });
      expect(drives.find((one) => one.devicePath === device)!.problem).toBeNull();
    });
  });

  // What the next backup builds on was deleted here: the history knew of an older one only.
  it('a history from an older backup of it gives way to what stands beside the snapshots', async () => {
    const image = disks.formatted('pinned', 'mkfs.ext4', ['-q', '-L', 'Pinned'], 100);
    const device = disks.plug(image);
    const driveId = uuidOf(device);
    let path = disks.mount(device, 'pinned-mount');
    const planId = await makePlan('to the pinned', driveId, { latest: 1 });
    const file = join(work, 'history.sqlite');
    change('pinned 1');
    expect(await runPlan(planId)).toMatchObject({ error: null });
    await service.close();
    copyFileSync(file, `${file}.before`);
    open();
    change('pinned 2');
    expect(await runPlan(planId)).toMatchObject({ error: null });
    const shared = (await points())[0]!.name;
    await service.close();
    copyFileSync(`${file}.before`, file);
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
    open();
    disks.unmount(path);
    for (const text of ['pinned 3', 'pinned 4']) {
      change(text);
      await runPlan(planId);
    }
    const local = readdirSync(join(laptop.dir, '.dendro'));
    expect(local).toContain(shared);
    path = disks.mount(device, 'pinned-mount');
    change('pinned 5');
    expect(await runPlan(planId)).toMatchObject({ error: null });
    const { sources } = await client.call('archive.open', { folder: join(path, 'backups') });
    expect(sources[0]!.points.at(-1)).toMatchObject({ kind: 'increment', isRestorable: true });
    expect(sources[0]!.points.at(-1)!.parentName).toBe(shared);
  });

  // It was read from the device that had been mounted before.
  it('a volume is read from what is mounted now, not from its clone that was', async () => {
    const original = makeBtrfs({ mkfsArgs: ['-L', 'swapped'] });
    const clone = makeBtrfs({ mount: false });
    try {
      run('btrfs', ['subvolume', 'create', join(original.dir, 'work')]);
      original.unmount();
      copyFileSync(original.images[0]!, clone.images[0]!);
      original.mount();
      run('btrfs', ['subvolume', 'create', join(original.dir, 'of-original')]);
      const volumes = await client.call('volumes.list', {});
      const { volumeId } = volumes.find((volume) => volume.label === 'swapped')!;
      const paths = async (): Promise<string[]> =>
        (await client.call('subvolumes.list', { volumeId })).map((one) => one.path).sort();
      expect(await paths()).toEqual(['', 'of-original', 'work']);
      original.unmount();
      run('mount', ['-t', 'btrfs', clone.device, original.dir]);
      try {
        run('btrfs', ['subvolume', 'create', join(original.dir, 'of-clone')]);
        expect(await paths()).toEqual(['', 'of-clone', 'work']);
      } finally {
        run('umount', [original.dir]);
      }
    } finally {
      clone.close();
      original.close();
    }
  });
});
