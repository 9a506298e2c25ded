import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inProcessClient, type LocalService } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import { LOCAL_PART, PlanDraft } from '../../shared/model/plan.ts';
import type { Run } from '../../shared/model/run.ts';
import { TestDisks } from '../drives/disks.ts';
import { latestOnly } from '../plan/latest-only.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { openService } from './open-service.ts';

vi.setConfig({ testTimeout: 300_000 });

const HOUR_MS = 3_600_000;
const MIB = 1 << 20;
const LAPTOP = `full-laptop-${process.pid}`;
const DRIVE = `full-drive-${process.pid}`;
let laptop: TestBtrfs;
let drive: TestBtrfs;
let disks: TestDisks;
let work: string;
let service: LocalService;
let client: Client;
let clockMs = Date.now();

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  // Data and metadata together: where no data fits, no snapshot does.
  laptop = makeBtrfs({ sizeMiB: 400, mkfsArgs: ['--mixed', '-L', LAPTOP] });
  disks = new TestDisks();
  drive = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['--mixed', '-L', DRIVE] });
  run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
  work = mkdtempSync(join(tmpdir(), 'dendro-full-'));
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

async function draft(local: number, there: number): Promise<PlanDraft> {
  const volumes = await client.call('volumes.list', {});
  const idOf = (label: string): string =>
    volumes.find((volume) => volume.label === label)!.volumeId;
  const found = await client.call('subvolumes.list', { volumeId: idOf(LAPTOP) });
  const { volumeId, subvolumeId } = found.find((one) => one.path === 'home')!;
  return PlanDraft.parse({
    name: 'nightly',
    sources: [{ volumeId, subvolumeId }],
    when: [],
    keepLocal: { ...latestOnly, latest: local },
    targets: [
      {
        kind: 'btrfs',
        volumeId: idOf(DRIVE),
        folder: '',
        keep: { ...latestOnly, latest: there },
      },
    ],
  });
}

/** Others at the place of the bytes before. */
function change(round: number, sizeMiB = 40): void {
  writeFileSync(join(laptop.dir, 'home', 'file'), Buffer.alloc(sizeMiB * MIB, `content ${round} `));
  laptop.sync();
}

function fill(fs: TestBtrfs): void {
  const zeros = ['if=/dev/zero', `of=${join(fs.dir, 'filler')}`, 'bs=64K', 'oflag=direct'];
  run('dd', zeros, { accept: [0, 1] });
  fs.sync();
}

async function runPlan(planId: string): Promise<Run[]> {
  clockMs += HOUR_MS;
  const since = clockMs;
  await client.call('plans.run', { planId });
  await service.scheduler.idle();
  const { runs } = await client.call('runs.list', { afterMs: since - 1, limit: 50 });
  return runs.filter((one) => one.planId === planId);
}

const pointsOn = (fs: TestBtrfs, folder: string): string[] =>
  readdirSync(join(fs.dir, folder)).filter((name) => name.startsWith('home.'));

// What the rules no longer kept went only behind a backup that had gone well, which one to a full
// drive never does.
describeKernel('where a plan meets a place that is full', () => {
  let planId: string;

  it('what the rules no longer keep makes room on the drive, and it is sent again', async () => {
    ({ planId } = await client.call('plans.create', await draft(4, 4)));
    for (let round = 1; round <= 4; round += 1) {
      change(round);
      expect((await runPlan(planId)).flatMap(({ error }) => error ?? [])).toEqual([]);
    }
    expect(pointsOn(drive, '')).toHaveLength(4);
    fill(drive);
    change(5, 10);
    const stuck = await runPlan(planId);
    expect(stuck.flatMap(({ error }) => error?.code ?? [])).toEqual(['target-full']);
    expect(pointsOn(drive, '')).toHaveLength(4);
    await client.call('plans.update', { ...(await draft(4, 2)), planId });
    const runs = await runPlan(planId);
    expect(runs.map(({ kind }) => kind)).toContain('prune');
    expect(pointsOn(drive, '').sort().at(-1)).toBe(pointsOn(laptop, '.dendro').sort().at(-1));
    const [plan] = await client.call('plans.list', {});
    expect(plan!.parts[1]).toMatchObject({ error: null, failures: 0 });
    expect(pointsOn(drive, '')).toHaveLength(2);
    rmSync(join(drive.dir, 'filler'));
  });

  it('and here, where no snapshot can be made: it is tried again a minute later', async () => {
    await client.call('plans.update', { ...(await draft(1, 1)), planId });
    change(6, 10);
    fill(laptop);
    clockMs += HOUR_MS;
    const runs = await runPlan(planId);
    expect(runs.map(({ kind, error }) => [kind, error?.code])).toEqual([
      ['prune', undefined],
      ['snapshot', 'target-full'],
    ]);
    const { retryAtMs } = (await client.call('plans.list', {}))[0]!.parts.find(
      ({ key }) => key === LOCAL_PART,
    )!;
    expect(retryAtMs).toBe(clockMs + 60_000);
    expect((await runPlan(planId)).flatMap(({ error }) => error ?? [])).toEqual([]);
  });

  it('and on a drive of stream files', async () => {
    const device = disks.plug(disks.formatted('stick', 'mkfs.ext4', ['-q', '-m', '0'], 100));
    const driveId = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);
    const stick = disks.mount(device, 'full-stick');
    const given = await draft(1, 1);
    const keeping = (latest: number): PlanDraft => {
      const keep = { ...latestOnly, latest };
      const target = { kind: 'archive', driveId, folder: 'backups', keep } as const;
      return PlanDraft.parse({ ...given, keepLocal: keep, targets: [target] });
    };
    await client.call('plans.update', { ...keeping(3), planId });
    const points = (): string[] =>
      readdirSync(join(stick, 'backups', 'home')).filter((name) => /\.btrfs\.zst$/.test(name));
    for (let round = 1; round <= 3; round += 1) {
      writeFileSync(join(laptop.dir, 'home', 'file'), randomBytes(10 * MIB));
      expect((await runPlan(planId)).flatMap(({ error }) => error ?? [])).toEqual([]);
      // Nothing to build on: the next one is a full stream, too.
      for (const name of pointsOn(laptop, '.dendro'))
        run('btrfs', ['subvolume', 'delete', join(laptop.dir, '.dendro', name)]);
    }
    expect(points()).toHaveLength(3);
    run('dd', ['if=/dev/zero', `of=${join(stick, 'filler')}`, 'bs=64K'], { accept: [0, 1] });
    const stuck = await runPlan(planId);
    expect(stuck.flatMap(({ error }) => error?.code ?? [])).toEqual(['target-full']);
    await client.call('plans.update', { ...keeping(1), planId });
    await runPlan(planId);
    expect((await client.call('plans.list', {}))[0]!.parts[1]).toMatchObject({ error: null });
    expect(points()).toHaveLength(1);
  });
});
