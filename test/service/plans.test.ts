import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inProcessClient, type LocalService } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { openService } from './open-service.ts';

const HOUR_MS = 3_600_000;
const none = {
  latest: 1,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  minAgeHours: 0,
};
let laptop: TestBtrfs;
let drive: TestBtrfs;
let work: string;
let service: LocalService;
let client: Client;
let clockMs = Date.now();

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', 'timed-laptop'] });
  drive = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', 'timed-drive'] });
  run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
  writeFileSync(join(laptop.dir, 'home', 'file'), 'content');
  work = mkdtempSync(join(tmpdir(), 'dendro-plans-'));
  service = open();
  client = inProcessClient(service);
});
afterAll(async () => {
  await service?.close();
  laptop?.close();
  drive?.close();
  if (work) rmSync(work, { recursive: true });
});

function open(): LocalService {
  return openService(join(work, 'history.sqlite'), () => clockMs);
}

async function draft(change: Partial<PlanDraft> = {}): Promise<PlanDraft> {
  const volumes = await client.call('volumes.list', {});
  const idOf = (label: string): string =>
    volumes.find((volume) => volume.label === label)!.volumeId;
  const found = await client.call('subvolumes.list', { volumeId: idOf('timed-laptop') });
  const { volumeId, subvolumeId } = found.find((one) => one.path === 'home')!;
  return PlanDraft.parse({
    name: 'Home to the drive',
    enabled: true,
    sources: [{ volumeId, subvolumeId }],
    when: [{ every: 'hour', minute: 0 }],
    keepLocal: { ...none, latest: 2 },
    targets: [
      { kind: 'btrfs', volumeId: idOf('timed-drive'), folder: '', keep: { ...none, latest: 3 } },
    ],
    ...change,
  });
}

/** Waits until nothing runs. */
async function settled(total: number): Promise<void> {
  for (;;) {
    const { runs, total: found } = await client.call('runs.list', {});
    if (found >= total && runs.every((one) => one.state !== 'running')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const names = (fs: TestBtrfs, folder: string): string[] =>
  run('ls', [join(fs.dir, folder)])
    .stdout.toString()
    .split('\n')
    .filter(Boolean);

describeKernel('a plan', () => {
  it('is saved, shown with its next run, changed and deleted', async () => {
    const made = await client.call('plans.create', await draft({ enabled: false }));
    expect(made.nextRunAtMs).toBeNull();
    const { planId } = made;
    const changed = await client.call('plans.update', { ...(await draft()), planId });
    expect(changed.nextRunAtMs).toBeGreaterThan(clockMs);
    expect(await client.call('plans.list', {})).toEqual([changed]);
    await client.call('plans.delete', { planId });
    expect(await client.call('plans.list', {})).toEqual([]);
  });

  it('runs when it is due, catches up once, and prunes by its rules, never the next parent', async () => {
    const { planId } = await client.call('plans.create', await draft());
    const scheduled = service.scheduler;
    scheduled.look();
    expect((await client.call('runs.list', {})).total).toBe(0);
    for (let round = 1; round <= 5; round += 1) {
      clockMs += 3 * HOUR_MS;
      writeFileSync(join(laptop.dir, 'home', 'file'), `content ${round}`);
      scheduled.look();
      scheduled.look();
      await settled(round);
      await scheduled.idle();
    }
    const { runs } = await client.call('runs.list', { limit: 100 });
    expect(runs.filter((one) => one.error !== null)).toEqual([]);
    expect(runs.filter((one) => one.kind === 'backup')).toHaveLength(5);
    expect(runs.every((one) => one.planId === planId)).toBe(true);
    expect(names(laptop, '.dendro')).toHaveLength(2);
    expect(names(drive, '')).toHaveLength(3);
    // The newest is on both: the next run sends the difference to it.
    expect(names(drive, '')).toEqual(expect.arrayContaining(names(laptop, '.dendro')));
  });

  it('takes its snapshots while its drive is away, and sends when it is back', async () => {
    drive.unmount();
    clockMs += 3 * HOUR_MS;
    service.scheduler.look();
    await service.scheduler.idle();
    const away = await client.call('runs.list', { afterMs: clockMs });
    expect(away.runs.map(({ kind }) => kind).sort()).toEqual(['prune', 'snapshot']);
    expect((await client.call('plans.list', {}))[0]!.parts[1]!.waitsFor).toBe('drive-away');
    drive.mount();
    service.scheduler.look();
    await service.scheduler.idle();
    const { runs } = await client.call('runs.list', { kind: 'backup' });
    expect(runs[0]).toMatchObject({ state: 'done', error: null });
    expect(runs[0]!.result!.parent).not.toBeNull();
  });

  // The rule of whichever plan ran last held for all that there was of the source.
  it('leaves what another plan of the same source keeps, here and on the drive', async () => {
    const [first] = await client.call('plans.list', {});
    const keep = { ...none, minFreePercent: 0 };
    const { volumeId, folder } = first!.targets[0] as { volumeId: string; folder: string };
    const strict = await draft({
      ...{ name: 'seldom', when: [], keepLocal: keep },
      targets: [{ kind: 'btrfs', volumeId, folder, keep }],
    });
    const { planId } = await client.call('plans.create', strict);
    for (let round = 1; round <= 3; round += 1) {
      clockMs += 3 * HOUR_MS;
      writeFileSync(join(laptop.dir, 'home', 'file'), `seldom ${round}`);
      await client.call('plans.run', { planId });
      await service.scheduler.idle();
    }
    expect(names(laptop, '.dendro')).toHaveLength(2);
    expect(names(drive, '')).toHaveLength(3);
    const asked = { draft: strict, atMs: clockMs, place: `btrfs:${volumeId}/${folder}` };
    const { kept, gone } = await client.call('plans.preview', { ...asked, planId });
    expect(gone).toEqual([]);
    expect(kept.map(({ reasons }) => reasons)).toContainEqual(['other-plan', 'latest']);
    await client.call('plans.delete', { planId: first!.planId });
    clockMs += 3 * HOUR_MS;
    await client.call('plans.run', { planId });
    await service.scheduler.idle();
    expect(names(drive, '')).toHaveLength(1);
  });

  it('backs up what it can where a snapshot of one source cannot be taken, and says so', async () => {
    const other = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', 'timed-other'] });
    try {
      run('btrfs', ['subvolume', 'create', join(other.dir, 'data')]);
      const volumes = await client.call('volumes.list', {});
      const { volumeId } = volumes.find(({ label }) => label === 'timed-other')!;
      const found = await client.call('subvolumes.list', { volumeId });
      const { subvolumeId } = found.find(({ path }) => path === 'data')!;
      const given = await draft({ name: 'both', when: [] });
      const sources = [{ ...given.sources[0]!, volumeId, subvolumeId }, ...given.sources];
      const both = PlanDraft.parse({ ...given, sources });
      run('mount', ['-o', 'remount,ro', other.dir]);
      const { planId } = await client.call('plans.create', both);
      clockMs += 3 * HOUR_MS;
      await client.call('plans.run', { planId });
      await service.scheduler.idle();
      const { runs } = await client.call('runs.list', { afterMs: clockMs });
      const ends = runs.map(({ kind, error }) => `${kind} ${error?.code ?? 'done'}`);
      expect(ends).toEqual(expect.arrayContaining(['snapshot not-mounted', 'backup done']));
      const plan = (await client.call('plans.list', {})).find((one) => one.planId === planId)!;
      expect(plan.parts.map(({ error }) => error?.code)).toEqual(['not-mounted', 'not-mounted']);
      const [newest] = names(laptop, '.dendro').sort().reverse();
      expect(names(drive, '')).toContain(newest);
    } finally {
      other.close();
    }
  });

  it('never deletes a snapshot that a person made, also when it was backed up', async () => {
    const [plan] = await client.call('plans.list', {});
    const { volumeId } = plan!.sources.at(-1)!;
    const target = plan!.targets[0] as { volumeId: string; folder: string };
    run('btrfs', [
      'subvolume',
      'snapshot',
      '-r',
      join(laptop.dir, 'home'),
      join(laptop.dir, 'mine'),
    ]);
    const found = await client.call('subvolumes.list', { volumeId });
    const { subvolumeId } = found.find(({ path }) => path === 'mine')!;
    const source = { volumeId, subvolumeId };
    const { runId } = await client.call('backup.start', {
      source,
      target: { volumeId: target.volumeId, folder: target.folder },
    });
    await settled(0);
    expect((await client.call('runs.get', { runId })).state).toBe('done');
    for (let round = 0; round < 3; round += 1) {
      clockMs += 3 * HOUR_MS;
      await client.call('plans.run', { planId: plan!.planId });
      await service.scheduler.idle();
    }
    expect(names(laptop, '')).toContain('mine');
    expect(names(laptop, '.dendro')).toHaveLength(2);
  });

  // Nothing of it was of the plan's own any more: the drive filled up.
  it('deletes by its rules also what was sent before the history was lost', async () => {
    const [plan] = await client.call('plans.list', {});
    const keep = { ...none, latest: 3, minFreePercent: 0 };
    const again = PlanDraft.parse({
      ...{ name: 'again', when: [], keepLocal: keep },
      sources: plan!.sources.slice(-1),
      targets: plan!.targets.map((target) => ({ ...target, keep })),
    });
    for (let round = 0; round < 2; round += 1) {
      const { planId } = await client.call('plans.create', { ...again, name: `again ${round}` });
      for (let i = 0; i < 4; i += 1) {
        clockMs += 3 * HOUR_MS;
        await client.call('plans.run', { planId });
        await service.scheduler.idle();
      }
      const sent = names(drive, '').filter((name) => name.startsWith('home.'));
      expect(sent).toHaveLength(3);
      await service.close();
      rmSync(work, { recursive: true });
      work = mkdtempSync(join(tmpdir(), 'dendro-plans-'));
      service = open();
      client = inProcessClient(service);
    }
  });
});
