import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inProcessClient, type LocalService } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import type { PlanTarget } from '../../shared/model/plan-target.ts';
import { textOf } from '../../shared/said.ts';
import { TestDisks } from '../drives/disks.ts';
import { describeKernel } from '../harness/kernel.ts';
import { unmountFolder } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { latestOnly } from '../plan/latest-only.ts';
import { openService } from './open-service.ts';

vi.setConfig({ testTimeout: 120_000 });

const LAPTOP = `nested-laptop-${process.pid}`;
let disks: TestDisks;
let work: string;
let home: string;
let service: LocalService;
let client: Client;
let clockMs = Date.now();
const mounted: string[] = [];

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  disks = new TestDisks();
  work = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-nested-`));
  const device = disks.plug(disks.formatted('laptop', 'mkfs.btrfs', ['-q', '-L', LAPTOP], 300));
  home = join(work, 'home');
  mkdirSync(home);
  run('mount', ['-t', 'btrfs', device, home]);
  for (const path of ['@home', '@home/cache', '@home/.snapshots', '@home/machines'])
    run('btrfs', ['subvolume', 'create', join(home, path)]);
  const taken = [join(home, '@home/cache'), join(home, '@home/.snapshots/1')];
  run('btrfs', ['subvolume', 'snapshot', '-r', ...taken]);
  unmountFolder(home);
  // Mounted by itself, as a home is: its snapshots lie in a subvolume nested in it.
  run('mount', ['-t', 'btrfs', '-o', 'subvol=@home', device, home]);
  service = openService(join(work, 'history.sqlite'), () => clockMs);
  client = inProcessClient(service);
});
afterAll(async () => {
  for (const driveId of mounted) await client.call('drives.release', { driveId });
  await service?.close();
  if (home) unmountFolder(home);
  disks?.close();
  if (work) rmSync(work, { recursive: true });
});

async function sourceAt(path: string): Promise<PlanDraft['sources'][number]> {
  const volumes = await client.call('volumes.list', {});
  const { volumeId } = volumes.find(({ label }) => label === LAPTOP)!;
  const found = await client.call('subvolumes.list', { volumeId });
  const { subvolumeId } = found.find((one) => one.path === path)!;
  return { volumeId, subvolumeId, path, nested: false };
}

async function target(kind: 'btrfs' | 'archive'): Promise<PlanTarget> {
  const mkfs = kind === 'btrfs' ? 'btrfs' : 'ext4';
  const label = `${mounted.length}-${process.pid}`;
  disks.plug(disks.formatted(label, `mkfs.${mkfs}`, ['-q', '-L', label], 300));
  const drives = await client.call('drives.list', {});
  const { driveId } = drives.find((one) => one.label === label)!;
  await client.call('drives.mount', { driveId });
  mounted.push(driveId);
  return kind === 'btrfs'
    ? { kind, volumeId: driveId, folder: '', keep: latestOnly }
    : { kind, driveId, folder: 'backups', keep: latestOnly, level: 1, recipients: [] };
}

/** What the runs of a plan said, those of snapshots and of backups. */
async function notesOf(planId: string): Promise<string[]> {
  clockMs += 3_600_000;
  const since = clockMs;
  await client.call('plans.run', { planId });
  await service.scheduler.idle();
  const { runs } = await client.call('runs.list', { afterMs: since - 1, limit: 50 });
  expect(runs.flatMap(({ error }) => error ?? [])).toEqual([]);
  expect(runs.map(({ kind }) => kind)).toContain('backup');
  return runs.flatMap(({ notes }) => notes.map((note) => textOf(note)));
}

const LEFT_OUT = ['cache', 'machines'].map(
  (name) =>
    `"@home/${name}" is a subvolume of its own, and no plan backs it up; a plan can take along the subvolumes below its source.`,
);

// Each snapshot holds the empty place of Dendro's own folder, which is no loss: "1 nested
// subvolume is not part of it: back it up itself", said the first backup of every home.
describeKernel('subvolumes nested in what a plan backs up', () => {
  let planId: string;
  let draft: PlanDraft;

  it('are named once for each target, and neither snapshots nor their folders are', async () => {
    draft = PlanDraft.parse({
      name: 'home',
      sources: [await sourceAt('@home')],
      when: [],
      keepLocal: { ...latestOnly, latest: 2 },
      targets: [await target('btrfs')],
    });
    ({ planId } = await client.call('plans.create', draft));
    expect((await notesOf(planId)).sort()).toEqual(LEFT_OUT);
    writeFileSync(join(home, 'file'), 'more');
    expect(await notesOf(planId)).toEqual([]);
    draft = { ...draft, targets: [...draft.targets, await target('archive')] };
    await client.call('plans.update', { ...draft, planId });
    writeFileSync(join(home, 'file'), 'and more');
    expect((await notesOf(planId)).sort()).toEqual(LEFT_OUT);
  });

  it('are not named where a plan backs them up, whichever it is', async () => {
    const { planId: other } = await client.call('plans.create', {
      ...draft,
      name: 'cache',
      sources: [await sourceAt('@home/cache')],
      targets: [],
    });
    draft = { ...draft, targets: [await target('btrfs')] };
    await client.call('plans.update', { ...draft, planId });
    writeFileSync(join(home, 'file'), 'once more');
    expect(await notesOf(planId)).toEqual([LEFT_OUT[1]]);
    await client.call('plans.delete', { planId: other });
    const sources = draft.sources.map((source) => ({ ...source, nested: true }));
    draft = { ...draft, sources, targets: [await target('archive')] };
    await client.call('plans.update', { ...draft, planId });
    writeFileSync(join(home, 'file'), 'at last');
    expect(await notesOf(planId)).toEqual([]);
    expect(readdirSync(join(home, '.dendro')).filter((name) => /^cache\./.test(name))).toHaveLength(
      1,
    );
  });
});
