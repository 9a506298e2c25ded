import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

const CONFIG = `dendro-test-${process.pid}`;
let laptop: TestBtrfs;
let drive: TestBtrfs;
let work: string;
let service: Service;
let client: Client;

/** Snapper and btrbk make their snapshots themselves; Timeshift's are laid out as it does. */
beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', 'tools-laptop'] });
  drive = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', 'tools-drive'] });
  work = mkdtempSync(join(tmpdir(), 'dendro-tools-'));
  run('btrfs', ['subvolume', 'create', join(laptop.dir, '@home')]);
  writeFileSync(join(laptop.dir, '@home', 'file'), 'content');
  snapper();
  btrbk();
  timeshift();
  service = createService({
    historyPath: join(work, 'history.sqlite'),
    version: 'test',
    carrier: 'in-process',
    runPlans: false,
  });
  client = inProcessClient(service);
});
afterAll(async () => {
  await service?.close();
  if (existsSync(`/etc/snapper/configs/${CONFIG}`)) {
    run('snapper', ['--no-dbus', '-c', CONFIG, 'delete-config'], { accept: [0, 1] });
  }
  laptop?.close();
  drive?.close();
  if (work) rmSync(work, { recursive: true });
});

function snapper(): void {
  const home = join(laptop.dir, '@home');
  run('snapper', ['--no-dbus', '-c', CONFIG, 'create-config', home]);
  const words = ['--description', 'before <upgrade> & more', '--cleanup-algorithm', 'number'];
  run('snapper', ['--no-dbus', '-c', CONFIG, 'create', ...words]);
}

function btrbk(): void {
  mkdirSync(join(laptop.dir, 'btrbk'));
  mkdirSync(join(drive.dir, 'backups'));
  writeFileSync(
    join(work, 'btrbk.conf'),
    [
      'timestamp_format long',
      'snapshot_preserve_min latest',
      'snapshot_preserve 14d',
      'target_preserve 10w',
      `volume ${laptop.dir}`,
      '  snapshot_dir btrbk',
      '  subvolume @home',
      `    target ${join(drive.dir, 'backups')}`,
      '',
    ].join('\n'),
  );
  run('btrbk', ['-c', join(work, 'btrbk.conf'), 'run']);
}

function timeshift(): void {
  const folder = join(laptop.dir, 'timeshift-btrfs', 'snapshots', '2026-11-01_09-00-01');
  mkdirSync(folder, { recursive: true });
  run('btrfs', ['subvolume', 'snapshot', join(laptop.dir, '@home'), join(folder, '@home')]);
  const info = { created: '1793523601', tags: 'daily ', comments: 'by hand' };
  writeFileSync(join(folder, 'info.json'), JSON.stringify(info));
}

async function volumeId(): Promise<string> {
  const volumes = await client.call('volumes.list', {});
  return volumes.find(({ label }) => label === 'tools-laptop')!.volumeId;
}

async function pointsBy(tool: string) {
  const points = await client.call('points.list', {});
  const id = await volumeId();
  return points.filter(
    ({ madeBy, copies }) => madeBy?.tool === tool && copies.some((copy) => copy.volumeId === id),
  );
}

describeKernel('snapshots of other tools', () => {
  it('are restore points of their source, under their tools’ names', async () => {
    const id = await volumeId();
    const home = (await client.call('subvolumes.list', { volumeId: id })).find(
      ({ path }) => path === '@home',
    )!;
    for (const tool of ['snapper', 'btrbk', 'timeshift']) {
      const points = await pointsBy(tool);
      expect(points, tool).toHaveLength(1);
      expect(points[0]!.sourceUuid).toBe(home.uuid);
    }
    expect((await pointsBy('snapper'))[0]!.madeBy).toEqual({ tool: 'snapper', label: '1' });
    const sources = await client.call('sources.list', {});
    const mine = sources.filter((source) => source.volumeId === id);
    expect(mine.map(({ name }) => name)).toEqual(['@home']);
    // btrbk's own backup protects it, and Dendro says so.
    expect(mine[0]!.health).toMatchObject({ level: 'safe', drives: ['tools-drive'] });
  });

  it('tell what their tools noted of them', async () => {
    const [snapper] = await pointsBy('snapper');
    const [copy] = snapper!.copies;
    expect(await client.call('snapshots.note', copy!)).toMatchObject({
      tool: 'snapper',
      kind: 'single',
      cleanup: 'number',
      description: 'before <upgrade> & more',
    });
    const [timeshift] = await pointsBy('timeshift');
    expect(await client.call('snapshots.note', timeshift!.copies[0]!)).toMatchObject({
      tool: 'timeshift',
      kind: 'daily',
      description: 'by hand',
      takenAtMs: 1_793_523_601_000,
    });
  });

  it('of btrbk are a parent: the next backup to its drive sends the difference', async () => {
    const id = await volumeId();
    const volumes = await client.call('volumes.list', {});
    const target = volumes.find(({ label }) => label === 'tools-drive')!.volumeId;
    const source = (await client.call('subvolumes.list', { volumeId: id })).find(
      ({ path }) => path === '@home',
    )!;
    const plan = await client.call('backup.plan', {
      source: { volumeId: id, subvolumeId: source.subvolumeId },
      target: { volumeId: target, folder: 'backups' },
    });
    expect(plan.candidates.some(({ parent }) => parent?.path.startsWith('btrbk/@home.'))).toBe(
      true,
    );
  });

  it('that can be written to get one read-only twin, which stands for them', async () => {
    const [point] = await pointsBy('timeshift');
    const original = point!.copies[0]!;
    const twin = await client.call('snapshots.twin', original);
    expect(twin).toMatchObject({
      readOnly: true,
      path: '.dendro/timeshift-2026-11-01_09-00-01.@home',
    });
    expect((await client.call('snapshots.twin', original)).uuid).toBe(twin.uuid);
    const points = await client.call('points.list', {});
    const stands = points.find(({ pointId }) => pointId === twin.uuid)!;
    expect(stands).toMatchObject({ sourceUuid: point!.sourceUuid, takenAtMs: point!.takenAtMs });
    expect(await pointsBy('timeshift')).toEqual([]);

    const volumes = await client.call('volumes.list', {});
    const target = volumes.find(({ label }) => label === 'tools-drive')!.volumeId;
    const { runId } = await client.call('backup.start', {
      source: { volumeId: twin.volumeId, subvolumeId: twin.subvolumeId },
      target: { volumeId: target, folder: '' },
    });
    await vi.waitFor(
      async () => expect(await client.call('runs.get', { runId })).toMatchObject({ state: 'done' }),
      60_000,
    );
    const backedUp = (await client.call('points.list', {})).find(
      ({ pointId }) => pointId === twin.uuid,
    );
    expect(backedUp).toMatchObject({ sourceUuid: point!.sourceUuid, takenAtMs: point!.takenAtMs });
    await expect(
      client.call('snapshots.twin', { volumeId: twin.volumeId, subvolumeId: twin.subvolumeId }),
    ).rejects.toMatchObject({ code: 'no-twin-needed' });
  });

  it('become plans from the tools’ configurations', async () => {
    const id = await volumeId();
    const path = join(work, 'btrbk.conf');
    const { drafts } = await client.call('otherTools.plans', { tool: 'btrbk', path });
    expect(drafts).toHaveLength(1);
    expect(drafts[0]).toMatchObject({
      name: '@home',
      enabled: false,
      sources: [{ volumeId: id, path: '@home' }],
      keepLocal: { latest: 1, daily: 14 },
      targets: [{ kind: 'btrfs', folder: 'backups', keep: { weekly: 10 } }],
    });
    await client.call('plans.create', drafts[0]!);
    const config = `/etc/snapper/configs/${CONFIG}`;
    const snapper = await client.call('otherTools.plans', { tool: 'snapper', path: config });
    expect(snapper.drafts[0]).toMatchObject({ name: CONFIG, sources: [{ path: '@home' }] });
    await expect(
      client.call('otherTools.plans', { tool: 'btrbk', path: join(work, 'nothing') }),
    ).rejects.toMatchObject({ code: 'not-found' });
    expect(readdirSync(drive.dir)).toContain('backups');
  });
});
