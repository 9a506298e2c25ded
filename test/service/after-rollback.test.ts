import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inProcessClient, type LocalService } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import type { PlanTarget } from '../../shared/model/plan-target.ts';
import type { Run } from '../../shared/model/run.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import { TestDisks } from '../drives/disks.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { latestOnly } from '../plan/latest-only.ts';
import { openService } from './open-service.ts';

vi.setConfig({ testTimeout: 300_000 });

const HOUR_MS = 3_600_000;
const LAPTOP = `rolled-laptop-${process.pid}`;
const DRIVE = `rolled-drive-${process.pid}`;
let laptop: TestBtrfs;
let drive: TestBtrfs;
let disks: TestDisks;
let stick: string;
let work: string;
let service: LocalService;
let client: Client;
let planId: string;
let clockMs = Date.now();

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', LAPTOP] });
  drive = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', DRIVE] });
  disks = new TestDisks();
  work = mkdtempSync(join(tmpdir(), 'dendro-rolled-'));
  service = openService(join(work, 'history.sqlite'), () => clockMs);
  client = inProcessClient(service);
});
afterAll(async () => {
  await service?.close();
  laptop?.close();
  drive?.close();
  disks?.close();
  if (work) rmSync(work, { recursive: true });
});

async function planFor(path: string, targets: (there: string) => PlanTarget[]): Promise<void> {
  const volumes = await client.call('volumes.list', {});
  const idOf = (label: string): string =>
    volumes.find((volume) => volume.label === label)!.volumeId;
  const found = await client.call('subvolumes.list', { volumeId: idOf(LAPTOP) });
  const { volumeId, subvolumeId } = found.find((one) => one.path === path)!;
  const draft = PlanDraft.parse({
    name: `of ${path}`,
    sources: [{ volumeId, subvolumeId, path }],
    when: [{ every: 'hour', minute: 0 }],
    keepLocal: { ...latestOnly, latest: 2 },
    targets: targets(idOf(DRIVE)),
  });
  ({ planId } = await client.call('plans.create', draft));
}

/** Some runs, each with another content. */
async function runs(folder: string, count: number): Promise<Run[]> {
  const since = clockMs;
  for (let i = 0; i < count; i += 1) {
    clockMs += HOUR_MS;
    writeFileSync(join(folder, 'file'), `${clockMs} `.repeat(20_000));
    await client.call('plans.run', { planId });
    await service.scheduler.idle();
  }
  const done = await client.call('runs.list', { afterMs: since, limit: 100 });
  return done.runs.filter((one) => one.planId === planId);
}

async function sourceAt(path: string): Promise<Source | undefined> {
  const found = await client.call('sources.list', {});
  return found.find(({ name, volumeName }) => name === path && volumeName === LAPTOP);
}

async function ended(runId: string): Promise<void> {
  const isDone = async (): Promise<void> =>
    expect(await client.call('runs.get', { runId })).toMatchObject({ state: 'done', error: null });
  await vi.waitFor(isDone, 60_000);
}

const snapshotsIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => /^[^.].*\.\d{8}-\d{6}$/.test(name));
const namesOf = (source?: Source): string[] => source!.points.map(({ name }) => name);
const failures = (all: readonly Run[]): unknown[] => all.flatMap(({ error }) => error ?? []);

// What stood there now was a source without any restore point, the old points were those of the
// folder that a rollback keeps, and no rule took one of them away any more.
describeKernel('after a rollback', () => {
  it('what stands in the place of a source goes on with its points, its rules and its plan', async () => {
    run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
    const device = disks.plug(disks.formatted('stick', 'mkfs.ext4', ['-q'], 100));
    const driveId = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);
    stick = disks.mount(device, 'rolled-stick');
    const keep = { ...latestOnly, latest: 3 };
    await planFor('home', (volumeId) => [
      { kind: 'btrfs', volumeId, folder: '', keep },
      { kind: 'archive', driveId, folder: '', keep, level: 3, recipients: [] },
    ]);
    expect(failures(await runs(join(laptop.dir, 'home'), 4))).toEqual([]);
    const before = (await sourceAt('home'))!;
    expect(before.pointCount).toBe(4);
    await client.call('catalogue.switch', { sourceUuid: before.uuid!, isOff: true });
    const [older] = snapshotsIn(join(laptop.dir, '.dendro')).sort();
    run(dendro, ['rollback', join(laptop.dir, '.dendro', older!)]);

    const after = (await sourceAt('home'))!;
    expect(after.uuid).not.toBe(before.uuid);
    expect(namesOf(after)).toEqual(namesOf(before));
    const kept = readdirSync(laptop.dir).find((name) => name.includes('.before-rollback-'))!;
    expect(await sourceAt(kept)).toBeUndefined();
    expect((await client.call('plans.list', {}))[0]!.sources[0]).toMatchObject({
      subvolumeId: after.subvolumeId,
      path: 'home',
    });
    expect(after.nextRunAtMs).not.toBeNull();
    expect((await client.call('catalogue.status', {})).off).toEqual([after.uuid]);

    const done = await runs(join(laptop.dir, 'home'), 4);
    expect(failures(done)).toEqual([]);
    const sent = done.filter(({ kind, result }) => kind === 'backup' && result?.point);
    expect(sent.every(({ result }) => result!.parent !== null)).toBe(true);
    expect(snapshotsIn(join(laptop.dir, '.dendro'))).toHaveLength(2);
    expect(snapshotsIn(drive.dir)).toHaveLength(3);
    // Whatever can be taken out without a full stream written anew.
    const listed = JSON.parse(runText(dendro, ['archive', 'list', '--json', stick])) as {
      sources: { points: unknown[] }[];
    };
    expect(listed.sources.flatMap(({ points }) => points).length).toBeLessThanOrEqual(8);
  });

  it('also for a service that knows nothing from before', async () => {
    const other = openService(join(work, 'other.sqlite'), () => clockMs);
    try {
      const sources = await inProcessClient(other).call('sources.list', {});
      const found = sources.filter(({ volumeName }) => volumeName === LAPTOP);
      expect(found.map(({ name, points }) => [name, points.map((one) => one.name)])).toEqual([
        ['home', namesOf(await sourceAt('home'))],
      ]);
    } finally {
      await other.close();
    }
  });

  it('and when it is taken back by hand, what stood there before', async () => {
    const rolled = (await sourceAt('home'))!;
    const kept = readdirSync(laptop.dir).find((name) => name.includes('.before-rollback-'))!;
    renameSync(join(laptop.dir, 'home'), join(laptop.dir, 'home.rolled'));
    renameSync(join(laptop.dir, kept), join(laptop.dir, 'home'));
    const back = (await sourceAt('home'))!;
    expect(back.uuid).not.toBe(rolled.uuid);
    expect(namesOf(back)).toEqual(namesOf(rolled));
  });

  it('and when it is rolled back to what was kept', async () => {
    const before = (await sourceAt('home'))!;
    const home = ['rollback', '--subvolume', join(laptop.dir, 'home')];
    run(dendro, [...home, join(laptop.dir, '.dendro', before.points[0]!.name)]);
    const rolled = (await sourceAt('home'))!;
    const kept = readdirSync(laptop.dir).find((name) => name.startsWith('home.before-rollback-'))!;
    run(dendro, [...home, join(laptop.dir, kept)]);
    const back = (await sourceAt('home'))!;
    expect(new Set([before.uuid, rolled.uuid, back.uuid]).size).toBe(3);
    expect(namesOf(back)).toEqual(namesOf(before));
  });

  // To whoever makes a backup of one it is a point of what was put aside.
  it('and a point of before is backed up by itself', async () => {
    const before = (await sourceAt('home'))!;
    const image = disks.formatted('other', 'mkfs.btrfs', ['-q', '-L', `${DRIVE}-2`], 120);
    const other = disks.mount(disks.plug(image), 'rolled-other');
    const volumes = await client.call('volumes.list', {});
    const { volumeId } = volumes.find(({ label }) => label === `${DRIVE}-2`)!;
    const local = before.points.flatMap(({ copies }) =>
      copies.filter((copy) => copy.place === 'local'),
    );
    const { runId } = await client.call('backup.start', {
      source: local.at(-1)!,
      target: { volumeId, folder: '' },
    });
    await ended(runId);
    expect(snapshotsIn(other)).toHaveLength(1);
    const after = (await sourceAt('home'))!;
    expect(namesOf(after)).toEqual(namesOf(before));
    expect(after.points.flatMap(({ backup }) => backup?.runId ?? [])).toContain(runId);
  });

  it('but a new subvolume of the same name is a source of its own', async () => {
    const before = (await sourceAt('home'))!;
    renameSync(join(laptop.dir, 'home'), join(laptop.dir, 'home.old'));
    run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
    expect((await sourceAt('home'))!.pointCount).toBe(0);
    expect(namesOf(await sourceAt('home.old'))).toEqual(namesOf(before));
    await client.call('plans.delete', { planId });
  });

  // The folder of snapshots is nested in what is mounted: a snapshot of that holds but its place.
  it('by hand, of a subvolume that is mounted by itself', async () => {
    run('btrfs', ['subvolume', 'create', join(laptop.dir, 'data')]);
    const data = join(work, 'data');
    mkdirSync(data);
    const mount = (): unknown => run('mount', ['-o', 'subvol=data', laptop.device, data]);
    mount();
    laptop.unmount();
    try {
      await planFor('data', () => []);
      expect(failures(await runs(data, 2))).toEqual([]);
      const before = (await sourceAt('data'))!;
      run('umount', [data]);
      laptop.mount();
      renameSync(join(laptop.dir, 'data'), join(laptop.dir, 'data.old'));
      const point = join(laptop.dir, 'data.old/.dendro', before.points[0]!.name);
      run('btrfs', ['subvolume', 'snapshot', point, join(laptop.dir, 'data')]);
      laptop.unmount();
      mount();
      expect(namesOf(await sourceAt('data'))).toEqual(namesOf(before));
      expect(failures(await runs(data, 1))).toEqual([]);
      expect(snapshotsIn(join(data, '.dendro'))).toHaveLength(1);
      await client.call('plans.delete', { planId });

      // What a point from before was taken from is put aside: to roll that back, as it was done, and
      // told as confirmed, changes nothing for anybody.
      const older = (await sourceAt('data'))!.points.at(-1)!;
      expect(older.copies.map(({ path }) => path)).toEqual([`data.old/.dendro/${older.name}`]);
      const { volumeId, subvolumeId } = older.copies[0]!;
      const request = { point: { volumeId, subvolumeId }, isForced: false };
      const stranger = openService(join(work, 'stranger.sqlite'), () => clockMs);
      try {
        await inProcessClient(stranger).call('sources.list', {});
        const plan = inProcessClient(stranger).call('rollback.plan', request);
        await expect(plan).rejects.toMatchObject({
          ...{ code: 'rollback-target-unclear', values: { heir: 'data', target: 'data.old' } },
        });
        // Told which, as the page asks, it goes on.
        const all = await inProcessClient(stranger).call('subvolumes.list', { volumeId });
        const targetId = all.find(({ path }) => path === 'data')!.subvolumeId;
        const told = inProcessClient(stranger).call('rollback.plan', { ...request, targetId });
        expect((await told).newPath).toBe('data');
      } finally {
        await stranger.close();
      }
      expect((await client.call('rollback.plan', request)).newPath).toBe('data');
      const { runId } = await client.call('rollback.start', request);
      await ended(runId);
      run('umount', [data]);
      mount();
      laptop.mount();
      const [now, then] = [join(data, 'file'), join(laptop.dir, older.copies[0]!.path, 'file')];
      expect(readFileSync(now).equals(readFileSync(then))).toBe(true);
      laptop.unmount();
    } finally {
      run('umount', [data]);
      laptop.mount();
    }
  });

  it('of a system in Snapper’s numbered folders, by the folder that is mounted', async () => {
    const top = laptop.dir;
    for (const path of ['@', '@/.snapshots'])
      run('btrfs', ['subvolume', 'create', join(top, path)]);
    for (const number of [1, 2]) mkdirSync(join(top, `@/.snapshots/${number}`));
    const first = '@/.snapshots/1/snapshot';
    run('btrfs', ['subvolume', 'create', join(top, first)]);
    const root = join(work, 'root');
    mkdirSync(root);
    run('mount', ['-o', `subvol=${first}`, laptop.device, root]);
    try {
      await planFor(first, () => []);
      expect(failures(await runs(root, 2))).toEqual([]);
      const before = (await sourceAt(first))!;
      expect(before.pointCount).toBe(2);
      const [point] = namesOf(before);
      const second = '@/.snapshots/2/snapshot';
      run('btrfs', ['subvolume', 'snapshot', join(top, '.dendro', point!), join(top, second)]);
      expect((await sourceAt(first))!.pointCount).toBe(2);
      run('umount', [root]);
      run('mount', ['-o', `subvol=${second}`, laptop.device, root]);
      const after = (await sourceAt(second))!;
      expect(namesOf(after)).toEqual(namesOf(before));
      expect((await client.call('plans.list', {}))[0]!.sources[0]).toMatchObject({
        subvolumeId: after.subvolumeId,
        path: second,
      });
      expect(failures(await runs(root, 1))).toEqual([]);
    } finally {
      run('umount', [root]);
    }
  });
});
