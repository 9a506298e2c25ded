import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inProcessClient, type LocalService } from '../../main/service/service.ts';
import { MARK_NAME, readMarks } from '../../main/service/plans/pins/marks.ts';
import type { Client } from '../../shared/contract/client.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import type { PlanTarget } from '../../shared/model/plan-target.ts';
import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Run } from '../../shared/model/run.ts';
import { TestDisks } from '../drives/disks.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { dendro } from '../harness/dendro.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { missingSsh, SshServer } from '../wire/ssh-server.ts';
import { textOf } from '../../shared/said.ts';
import { openService } from './open-service.ts';

vi.setConfig({ testTimeout: 600_000 });

const HOUR_MS = 3_600_000;
let laptop: TestBtrfs;
let far: TestBtrfs;
let disks: TestDisks;
let stick: { readonly device: string; readonly driveId: string; path: string };
let work: string;
let service: LocalService;
let client: Client;
let server: SshServer | undefined;
let clockMs = Date.now();

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 400, mkfsArgs: ['-L', `targets-laptop-${process.pid}`] });
  far = makeBtrfs({ sizeMiB: 400 });
  disks = new TestDisks();
  run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
  fillTree(join(laptop.dir, 'home'), { files: 12 });
  mkdirSync(join(laptop.dir, 'home', 'cache'));
  writeFileSync(join(laptop.dir, 'home', 'cache', 'large.tmp'), Buffer.alloc(1 << 20, 'cache'));
  const device = disks.plug(disks.formatted('stick', 'mkfs.ext4', ['-q', '-L', 'Stick'], 200));
  const driveId = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);
  stick = { device, driveId, path: disks.mount(device, 'stick-mount') };
  if (missingSsh() === undefined) server = await SshServer.start();
  server?.hasDendro(true);
  work = mkdtempSync(join(tmpdir(), 'dendro-targets-'));
  service = open();
  client = inProcessClient(service);
});
afterAll(async () => {
  await service?.close();
  server?.close();
  laptop?.close();
  far?.close();
  disks?.close();
  if (work) rmSync(work, { recursive: true });
});

function open(): LocalService {
  return openService(join(work, 'history.sqlite'), () => clockMs);
}

async function makePlan(
  name: string,
  target: PlanTarget,
  more: Partial<PlanDraft> = {},
): Promise<string> {
  const volumes = await client.call('volumes.list', {});
  const { volumeId } = volumes.find(({ label }) => label === `targets-laptop-${process.pid}`)!;
  const found = await client.call('subvolumes.list', { volumeId });
  const { subvolumeId } = found.find(({ path }) => path === 'home')!;
  const draft = PlanDraft.parse({
    name,
    sources: [{ volumeId, subvolumeId, path: 'home' }],
    when: [],
    keepLocal: { latest: 2 },
    targets: [target],
    ...more,
  });
  return (await client.call('plans.create', draft)).planId;
}

/** Points of the source, newest first; other tests may have volumes on this machine. */
async function pointsOfHome(): Promise<RestorePoint[]> {
  const [plan] = await client.call('plans.list', {});
  const { volumeId, subvolumeId } = plan!.sources[0]!;
  return client.call('points.list', { source: { volumeId, subvolumeId } });
}

/** One run of the plan; what it did. */
async function runPlan(planId: string): Promise<Run[]> {
  clockMs += HOUR_MS;
  const since = clockMs;
  await client.call('plans.run', { planId });
  await service.scheduler.idle();
  const { runs } = await client.call('runs.list', { afterMs: since - 1, limit: 50 });
  return runs.filter((one) => one.planId === planId);
}

const failed = (runs: readonly Run[]): unknown[] => runs.flatMap(({ error }) => error ?? []);
const backupOf = (runs: readonly Run[]): Run => runs.find(({ kind }) => kind === 'backup')!;
const snapshots = (): string[] =>
  readdirSync(join(laptop.dir, '.dendro'))
    .filter((name) => !name.startsWith('.'))
    .sort();
const change = (text: string): void =>
  writeFileSync(join(laptop.dir, 'home', 'changing'), text.repeat(20_000));

/** Differences but for what the plan leaves out. */
function differences(local: string, copy: string): string[] {
  return showDifferences(compareTrees(local, copy)).filter((line) => !/cache|\.tmp/.test(line));
}

// The laptop's root is btrfs: a path at which no drive was mounted was taken for a folder of the
// laptop. Stream files went there, next to what they are of, and were told as a backup; a plan for
// a btrfs drive failed for ever, also once the drive had come.
describeKernel('a plan file that names a target by its path', () => {
  const file = (kind: string, path: string): string =>
    `[[plan]]\nname = "By path ${kind}"\nsources = ["${laptop.dir}/home"]\nwhen = []\nkeepLocal = {}\n` +
    `[[plan.targets]]\nkind = "${kind}"\npath = "${path}"\nkeep = {}\n`;
  const take = async (kind: string, path: string): Promise<PlanTarget> => {
    const text = file(kind, path);
    const [plan] = await client.call('plans.import', { text, format: 'toml', name: 'p.toml' });
    await client.call('plans.delete', { planId: plan!.planId });
    return plan!.targets[0]!;
  };
  const unknown = expect.objectContaining({ code: 'target-unknown' }) as unknown;

  it.each(['btrfs', 'archive'])(
    'for %s, it is not the disk that the drive is seen at',
    async (kind) => {
      mkdirSync(join(laptop.dir, 'mnt/blue'), { recursive: true });
      const path = join(laptop.dir, 'mnt/blue/backups');
      await expect(take(kind, path)).rejects.toEqual(unknown);
      expect(existsSync(path)).toBe(false);
    },
  );

  it('of another filesystem that is mounted below it, only an archive can be made', async () => {
    const at = join(laptop.dir, 'mnt/stick');
    mkdirSync(at, { recursive: true });
    run('umount', [stick.path]);
    run('mount', [stick.device, at]);
    try {
      await client.call('drives.list', {});
      await expect(take('btrfs', join(at, 'backups'))).rejects.toEqual(unknown);
      await expect
        .poll(() => take('archive', join(at, 'backups')))
        .toMatchObject({
          ...{ kind: 'archive', driveId: stick.driveId, folder: 'backups' },
        });
      // Also through a link, as /media is one on many systems.
      symlinkSync(at, join(work, 'link'));
      expect(await take('archive', join(work, 'link/backups'))).toMatchObject({
        folder: 'backups',
      });
    } finally {
      run('umount', [at]);
      run('mount', [stick.device, stick.path]);
      rmSync(join(laptop.dir, 'mnt'), { recursive: true });
    }
  });
});

describeKernel('a plan that writes stream files to a drive', () => {
  let planId: string;
  const folder = (): string => join(stick.path, 'backups', 'home');

  it('begins an archive, goes on with increments, and records the points', async () => {
    planId = await makePlan(
      'Home to the stick',
      {
        ...{ kind: 'archive', driveId: stick.driveId, folder: 'backups/home' },
        ...{ level: 1, recipients: [], keep: PlanDraft.shape.keepLocal.parse({ latest: 2 }) },
      },
      { excludes: ['*.tmp'] },
    );
    const first = await runPlan(planId);
    expect(failed(first)).toEqual([]);
    expect(backupOf(first).steps.map(({ name }) => name)).toEqual(['export', 'check']);
    // The commands of its stream were told as files.
    const local = join(laptop.dir, '.dendro', snapshots()[0]!);
    const inodes = new Set(
      runText('find', [local, '!', '-name', '*.tmp', '!', '-type', 'd', '-printf', '%i\n']).split(
        '\n',
      ),
    );
    expect(backupOf(first).progress.files).toBe(inodes.size);
    change('second');
    const second = await runPlan(planId);
    expect(failed(second)).toEqual([]);
    const contents = await client.call('archive.open', { folder: folder() });
    const [source] = contents.sources;
    expect(source!.points.map(({ kind }) => kind)).toEqual(['full', 'increment']);
    const points = await pointsOfHome();
    const newest = points[0]!;
    const copies = newest.copies.map(({ volumeId, excludes }) => ({ volumeId, excludes }));
    expect(copies).toContainEqual({
      volumeId: `archive:${stick.driveId}/backups/home`,
      excludes: ['*.tmp'],
    });
    // The same point, here and there, though one is without some files.
    expect(newest.copies).toHaveLength(2);
    expect(newest.backup!.parentPointId).toBe(points[1]!.pointId);
  });

  // A plan that was made before, of a path where no drive was mounted.
  it('writes nothing onto the disk of its own source', async () => {
    const [plan] = await client.call('plans.list', {});
    const { volumeId } = plan!.sources[0]!;
    const own = PlanDraft.parse({
      ...{ name: 'Onto itself', sources: plan!.sources, when: [], keepLocal: {} },
      targets: [{ kind: 'archive', driveId: volumeId, folder: 'mnt/blue', keep: {} }],
    });
    const made = await client.call('plans.create', own);
    const runs = await runPlan(made.planId);
    expect(failed(runs)).toMatchObject([{ code: 'source-is-target' }]);
    expect(existsSync(join(laptop.dir, 'mnt/blue'))).toBe(false);
    await client.call('plans.delete', { planId: made.planId });
  });

  it('restores to what the source was, but for what the plan leaves out', () => {
    const copy = join(laptop.dir, 'restored');
    mkdirSync(copy);
    run(dendro, ['archive', 'restore', folder(), 'latest', '--to', copy]);
    const [made] = readdirSync(copy).filter((name) => !name.startsWith('.'));
    const local = join(laptop.dir, '.dendro', snapshots().at(-1)!);
    // A stream of version 1, which every btrfs-progs reads, holds no flags.
    const different = differences(local, join(copy, made!)).filter((one) => !/: flags:/.test(one));
    expect(different).toEqual([]);
    expect(readdirSync(join(copy, made!, 'cache'))).toEqual([]);
    expect(readdirSync(join(local, 'cache'))).toEqual(['large.tmp']);
  });

  it('pins what both sides hold, in the history and in a mark on both sides', async () => {
    const newest = (await pointsOfHome()).find(({ copies }) => copies.length > 1);
    for (const at of [join(laptop.dir, '.dendro'), folder()]) {
      expect(JSON.parse(readFileSync(join(at, MARK_NAME), 'utf8'))).toMatchObject({
        dendro: 'pins',
      });
      expect(readMarks(at).map(({ pointId }) => pointId)).toContain(newest!.pointId);
    }
  });

  it('never writes into the empty folder of a drive that is not mounted', async () => {
    disks.unmount(stick.path);
    const runs = await runPlan(planId);
    expect(runs.filter(({ kind }) => kind === 'backup')).toEqual([]);
    expect(readdirSync(stick.path)).toEqual([]);
    disks.mount(stick.device, 'stick-mount');
    const again = await runPlan(planId);
    expect(failed(again)).toEqual([]);
    expect(backupOf(again)).toMatchObject({ state: 'done' });
  });

  it('takes out what the rules no longer keep once that is worth a new full stream', async () => {
    for (const text of ['a', 'b', 'c']) {
      writeFileSync(
        join(laptop.dir, 'home', 'bulk'),
        Buffer.alloc(8 << 20, Math.random().toString()),
      );
      run('dd', ['if=/dev/urandom', `of=${join(laptop.dir, 'home', 'noise')}`, 'bs=1M', 'count=4']);
      change(text);
      expect(failed(await runPlan(planId))).toEqual([]);
    }
    const { sources } = await client.call('archive.open', { folder: folder() });
    expect(sources[0]!.points.length).toBeLessThan(6);
    expect(sources[0]!.points.every(({ isRestorable }) => isRestorable)).toBe(true);
    run(dendro, ['archive', 'verify', '--full', folder()]);
  });
});

describeKernel('a plan that sends to another computer', () => {
  describe.skipIf(missingSsh() !== undefined)(`over ssh ${missingSsh() ?? ''}`, () => {
    let planId: string;

    it('sends in full, then what changed, and the copies are equal', async () => {
      mkdirSync(join(far.dir, 'backups'));
      planId = await makePlan(
        'Home to far',
        {
          ...{ kind: 'ssh', url: `ssh://far${far.dir}/backups`, configFile: server!.config },
          ...{ remoteDendro: '', remoteBtrfs: '' },
          keep: PlanDraft.shape.keepLocal.parse({ latest: 2 }),
        },
        { excludes: ['*.tmp'] },
      );
      const first = await runPlan(planId);
      expect(failed(first)).toEqual([]);
      change('far');
      const second = await runPlan(planId);
      expect(failed(second)).toEqual([]);
      const { detail } = backupOf(second).steps.find(({ name }) => name === 'plan')!;
      expect(textOf(detail)).toMatch(/^since /);
      const name = snapshots().at(-1)!;
      const local = join(laptop.dir, '.dendro', name);
      expect(differences(local, join(far.dir, 'backups', name))).toEqual([]);
      const [newest] = await pointsOfHome();
      const places = newest!.copies.map(({ volumeName }) => volumeName);
      expect(places).toContain('far');
    });

    it('keeps there what its rules say', async () => {
      change('third');
      expect(failed(await runPlan(planId))).toEqual([]);
      expect(readdirSync(join(far.dir, 'backups')).filter((n) => !n.startsWith('.'))).toHaveLength(
        2,
      );
    });

    it('is tried again when the other computer is away, and pins its parent meanwhile', async () => {
      server!.close();
      const before = snapshots();
      for (let i = 0; i < 3; i += 1) await runPlan(planId);
      const [plan] = (await client.call('plans.list', {})).filter((one) => one.planId === planId);
      const part = plan!.parts.find(({ key }) => key.startsWith('ssh://'))!;
      expect(part.error).toMatchObject({ kind: 'Io', code: 'connection-lost' });
      expect(part.retryAtMs).toBeGreaterThan(clockMs);
      const [source] = plan!.sources;
      const chain = await client.call('chain.get', { source: source! });
      const contact = chain.places.find(({ far: answers }) => answers !== null)!.far!;
      expect(contact).toMatchObject({ name: 'far', failedAtMs: part.lastRunAtMs });
      expect(contact.reachedAtMs).toBeLessThan(contact.failedAtMs!);
      // The newest one that it has stays here, though two newer ones are kept.
      expect(snapshots()).toContain(before.at(-1));
    });
  });
});
