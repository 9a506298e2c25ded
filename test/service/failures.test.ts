import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import type { Run } from '../../shared/model/run.ts';
import type { Subvolume, SubvolumeRef } from '../../shared/model/subvolume.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { describeKernel } from '../harness/kernel.ts';
import { attachLoop, detachLoop, makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { textOf } from '../../shared/said.ts';

/** By their labels; another run of the tests may be under way on this machine. */
const LAPTOP = `failing-laptop-${process.pid}`;
const DRIVE = `failing-drive-${process.pid}`;

let laptop: TestBtrfs;
let drive: TestBtrfs;
let work: string;
let service: Service;
let client: Client;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 700, mkfsArgs: ['-L', LAPTOP] });
  drive = makeBtrfs({ sizeMiB: 600, mkfsArgs: ['-L', DRIVE] });
  run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
  writeFileSync(join(laptop.dir, 'home', 'large'), Buffer.alloc(80 << 20, 'large '));
  work = mkdtempSync(join(tmpdir(), 'dendro-failures-'));
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
  laptop?.close();
  drive?.close();
  if (work) rmSync(work, { recursive: true });
});

async function volumeId(label: string): Promise<string> {
  const volumes = await client.call('volumes.list', {});
  return volumes.find((volume) => volume.label === label)!.volumeId;
}

async function subvolume(label: string, path: string): Promise<Subvolume> {
  const found = await client.call('subvolumes.list', { volumeId: await volumeId(label) });
  return found.find((one) => one.path === path)!;
}

async function start(
  label: string,
  parent?: SubvolumeRef | 'full',
  source?: SubvolumeRef,
): Promise<string> {
  const home = source ?? (await subvolume(LAPTOP, 'home'));
  const { runId } = await client.call('backup.start', {
    source: { volumeId: home.volumeId, subvolumeId: home.subvolumeId },
    target: { volumeId: await volumeId(label), folder: '' },
    ...(parent && { parent }),
  });
  return runId;
}

async function ended(runId: string): Promise<Run> {
  for (;;) {
    const found = await client.call('runs.get', { runId });
    if (found.state !== 'running') return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Work in small pieces, so that what stops it in the middle cannot come too late. */
function writeSlowly(name: string, mebibytes: number): void {
  const folder = join(laptop.dir, 'home', name);
  mkdirSync(folder);
  for (let i = 0; i < mebibytes * 8; i += 1)
    writeFileSync(join(folder, String(i)), Buffer.alloc(128 << 10, `${name} ${i} `));
}

/** What the target shows, beside the private folder of what is not complete. */
const shown = (): string[] => readdirSync(drive.dir).filter((name) => !name.startsWith('.dendro-'));
const snapshots = (): string[] => readdirSync(join(laptop.dir, '.dendro'));

describeKernel('a backup that fails is recorded, and the target keeps what it had', () => {
  it('when the target is full; and goes through when there is room', async () => {
    const filler = join(drive.dir, 'filler');
    run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M', 'count=510', 'oflag=direct'], {
      accept: [0, 1],
    });
    drive.sync();
    const failed = await ended(await start(DRIVE));
    expect(failed).toMatchObject({
      state: 'failed',
      error: { kind: 'Io', code: 'target-full' },
      result: null,
    });
    expect(failed.error!.hint).not.toBe('');
    expect(failed.steps.find((step) => step.state === 'failed')!.name).toBe('send');
    expect(shown()).toEqual(['filler']);
    expect((await client.call('runs.list', { state: 'failed' })).total).toBe(1);
    rmSync(filler);
    drive.sync();
    // Asked for again, it goes on where it stopped, with the same snapshot.
    expect(failed.canRepeat).toBe(true);
    const again = await client.call('runs.repeat', { runId: failed.runId });
    const done = await ended(again.runId);
    expect(done).toMatchObject({ state: 'done', error: null });
    expect(done.notes.map(textOf).join(' ')).toContain('commands had arrived');
    expect(done.progress.bytes).toBe(done.progress.totalBytes);
    expect(done.progress.bytes).toBeLessThan(failed.progress.totalBytes! - (1 << 20));
    expect(done.commandLine).toMatch(/^dendro send .* \| dendro receive /);
    expect(snapshots()).toHaveLength(1);
    expect(shown()).toEqual(snapshots());
    const local = join(laptop.dir, '.dendro', snapshots()[0]!);
    expect(showDifferences(compareTrees(local, done.result!.path!))).toEqual([]);
  });

  it('when the service is killed in the middle; and the next one goes on there', async () => {
    const home = await subvolume(LAPTOP, 'home');
    writeSlowly('second', 160);
    const module = new URL('../../main/service/service.ts', import.meta.url).href;
    const request = {
      source: { volumeId: home.volumeId, subvolumeId: home.subvolumeId },
      target: { volumeId: await volumeId(DRIVE), folder: '' },
    };
    const options = {
      historyPath: join(work, 'history.sqlite'),
      version: 'test',
      carrier: 'in-process' as const,
      runPlans: false,
    };
    const program = `
      import { createService, inProcessClient } from ${JSON.stringify(module)};
      const client = inProcessClient(createService(${JSON.stringify(options)}));
      client.on('run.changed', ({ progress, error }) => {
        if (progress.bytes > ${4 << 20}) process.kill(process.pid, 'SIGKILL');
        if (error !== null) console.error(error), process.exit(1);
      });
      await client.call('backup.start', ${JSON.stringify(request)});
      setInterval(() => {}, 1_000);`;
    // A file: the engine's thread does not start in a program from the command line.
    const file = join(work, 'killed.mjs');
    writeFileSync(file, program);
    const child = spawnSync(process.execPath, [file], { timeout: 100_000 });
    expect([child.signal, child.stderr.toString()]).toEqual(['SIGKILL', '']);
    const before = shown();
    const next = createService(options);
    try {
      const [killed] = (await client.call('runs.list', { state: 'interrupted' })).runs;
      expect(killed!.error!.code).toBe('run-interrupted');
      const { runId } = await inProcessClient(next).call('runs.repeat', { runId: killed!.runId });
      let done = await inProcessClient(next).call('runs.get', { runId });
      while (done.state === 'running') {
        await new Promise((resolve) => setTimeout(resolve, 20));
        done = await inProcessClient(next).call('runs.get', { runId });
      }
      expect(done).toMatchObject({ state: 'done', error: null });
      expect(done.notes.map(textOf).join(' ')).toContain('commands had arrived');
      expect(done.progress.bytes).toBeLessThan(157 << 20);
      const made = shown().filter((name) => !before.includes(name));
      expect(made).toHaveLength(1);
      const local = join(laptop.dir, '.dendro', made[0]!);
      expect(showDifferences(compareTrees(local, join(drive.dir, made[0]!)))).toEqual([]);
    } finally {
      await next.close();
    }
  });

  it('when the chosen parent is not there', async () => {
    const before = shown();
    const home = await subvolume(LAPTOP, 'home');
    const made = await client.call('snapshots.create', {
      volumeId: home.volumeId,
      subvolumeId: home.subvolumeId,
      name: 'never-sent',
    });
    const failed = await ended(await start(DRIVE, made));
    expect(failed.error).toMatchObject({ kind: 'Conflict', code: 'parent-missing' });
    expect(shown()).toEqual(before);
  });

  it('when it is cancelled: nothing of it stays', async () => {
    const [before, snapshotsBefore] = [shown(), snapshots()];
    writeSlowly('larger', 100);
    const runId = await start(DRIVE);
    client.on('run.changed', (changed) => {
      if (changed.runId === runId && changed.state === 'running' && changed.progress.bytes > 0) {
        void client.call('runs.cancel', { runId }).catch(() => undefined);
      }
    });
    await expect(client.call('runs.repeat', { runId })).rejects.toThrow('not ended yet');
    const cancelled = await ended(runId);
    expect(cancelled).toMatchObject({ state: 'cancelled', error: { kind: 'Cancelled' } });
    expect(shown()).toEqual(before);
    expect(snapshots()).toEqual(snapshotsBefore);
  });

  it('when the target is the source itself', async () => {
    const failed = await ended(await start(LAPTOP));
    expect(failed.error).toMatchObject({ kind: 'Conflict', code: 'source-is-target' });
  });

  it('when the device of the target goes away in the middle', async () => {
    const folder = join(work, 'small');
    run('mkdir', [folder]);
    // The device lies on a filesystem with less room than it claims: past it, writes fail.
    run('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', folder]);
    const image = join(folder, 'image');
    writeFileSync(image, '');
    truncateSync(image, 300 << 20);
    const device = attachLoop(image);
    const mountPoint = join(work, 'gone');
    try {
      run('mkfs.btrfs', ['-q', '-m', 'single', '-L', 'gone-drive', device]);
      run('mkdir', [mountPoint]);
      run('mount', [device, mountPoint]);
      const failed = await ended(await start('gone-drive'));
      expect(failed.state).toBe('failed');
      expect(failed.error!.kind).toBe('Io');
    } finally {
      run('umount', ['-l', mountPoint], { accept: [0, 1, 32] });
      detachLoop(device);
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      run('umount', ['-l', folder], { accept: [0, 1, 32] });
      rmSync(mountPoint, { recursive: true, force: true });
    }
  });

  it('when data of the source is damaged in every copy: which file, and where', async () => {
    const image = join(work, 'damaged.img');
    laptop.sync();
    run('cp', ['--sparse=always', laptop.images[0]!, image]);
    const fd = openSync(image, 'r+');
    const block = Buffer.alloc(4096);
    for (let at = 0; readSync(fd, block, 0, block.length, at) > 0; at += block.length) {
      if (!block.includes('large large ')) continue;
      writeSync(fd, Buffer.alloc(100, 'damage'), 0, 100, at);
      break;
    }
    closeSync(fd);
    const { volumeId: added } = await client.call('volumes.add', { path: image });
    const found = await client.call('subvolumes.list', { volumeId: added });
    const failed = await ended(await start(DRIVE, 'full', found.find(isUnsent)));
    expect(failed.error).toMatchObject({ kind: 'Corrupt', code: 'data-damaged' });
    expect(failed.error!.place).toMatchObject({ device: image });
    expect(failed.error!.place.inode).toBeGreaterThan(256);
  });
});

const isUnsent = (one: Subvolume): boolean => one.path.endsWith('never-sent');
