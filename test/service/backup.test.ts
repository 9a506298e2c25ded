import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import type { Run } from '../../shared/model/run.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import type { Volume } from '../../shared/model/volume.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { runText } from '../harness/run.ts';

/** By their labels; another run of the tests may be under way on this machine. */
const LAPTOP = `laptop-under-test-${process.pid}`;
const DRIVE = `drive-under-test-${process.pid}`;

let laptop: TestBtrfs;
let drive: TestBtrfs;
let state: string;
let service: Service;
let client: Client;
let runs: Run[];

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 512, mkfsArgs: ['-L', LAPTOP] });
  drive = makeBtrfs({ sizeMiB: 512, mkfsArgs: ['-L', DRIVE] });
  runText('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
  fillTree(join(laptop.dir, 'home'), { seed: 7, files: 150 });
  state = mkdtempSync(join(tmpdir(), 'dendro-service-'));
  service = createService({
    historyPath: join(state, 'history.sqlite'),
    version: 'test',
    carrier: 'in-process',
    runPlans: false,
  });
  client = inProcessClient(service);
  runs = [];
  client.on('run.changed', (run) => runs.push(run));
});
afterAll(async () => {
  await service?.close();
  laptop?.close();
  drive?.close();
  if (state) rmSync(state, { recursive: true });
});

async function volume(label: string): Promise<Volume> {
  return (await client.call('volumes.list', {})).find((one) => one.label === label)!;
}

async function source(): Promise<Source> {
  const { volumeId } = await volume(LAPTOP);
  const sources = await client.call('sources.list', {});
  return sources.find((one) => one.volumeId === volumeId && one.name === 'home')!;
}

async function ended(runId: string): Promise<Run> {
  for (;;) {
    const run = await client.call('runs.get', { runId });
    if (run.state !== 'running') return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function backUp(folder = ''): Promise<Run> {
  const target = { volumeId: (await volume(DRIVE)).volumeId, folder };
  const { volumeId, subvolumeId } = await source();
  const request = { source: { volumeId, subvolumeId }, target };
  return ended((await client.call('backup.start', request)).runId);
}

describeKernel('a backup through the service', () => {
  it('finds the volumes with what they are made of', async () => {
    const found = await volume(LAPTOP);
    expect(found).toMatchObject({
      kind: 'mounted',
      canReceive: true,
      problem: null,
      checksum: 'crc32c',
      sizeBytes: 512 * 1024 * 1024,
    });
    expect(found.devices).toHaveLength(1);
    expect(found.mounts.map((mount) => mount.path)).toEqual([laptop.dir]);
  });

  it('sends in full the first time, and the copy equals the source', async () => {
    const run = await backUp();
    expect(run.error).toBeNull();
    expect(run.state).toBe('done');
    expect(run.steps.map((step) => [step.name, step.state])).toEqual([
      ['snapshot', 'done'],
      ['plan', 'done'],
      ['send', 'done'],
      ['check', 'done'],
    ]);
    // The plan was exact: the stream had as many bytes, files as it said.
    expect(run.progress.bytes).toBe(run.progress.totalBytes);
    expect(run.progress.files).toBe(run.progress.totalFiles);
    const received = run.result!.path!;
    const differences = compareTrees(join(laptop.dir, 'home'), received);
    expect(showDifferences(differences)).toEqual([]);
  });

  it('told how far it is while it ran', () => {
    const sending = runs.filter((run) => run.state === 'running' && run.progress.bytes > 0);
    expect(sending.length).toBeGreaterThan(0);
    const percents = sending.map((run) => run.progress.percent!);
    expect(percents.every((percent, i) => i === 0 || percent >= percents[i - 1]!)).toBe(true);
    expect(runs.at(-1)!.progress.percent).toBe(100);
  });

  it('sends what changed the second time, against the best common parent', async () => {
    const home = join(laptop.dir, 'home');
    writeFileSync(join(home, 'new file'), 'new');
    const run = await backUp();
    expect(run.state).toBe('done');
    expect(run.result!.parent).not.toBeNull();
    expect(run.progress.bytes).toBeLessThan(200_000);
    expect(showDifferences(compareTrees(home, run.result!.path!))).toEqual([]);
  });

  it('offers every way to send with its exact size, the smallest first', async () => {
    const { volumeId, subvolumeId } = await source();
    const target = { volumeId: (await volume(DRIVE)).volumeId, folder: '' };
    const plan = await client.call('backup.plan', { source: { volumeId, subvolumeId }, target });
    expect(plan.fits).toBe(true);
    expect(plan.candidates.length).toBe(3);
    expect(plan.candidates.at(-1)!.parent).toBeNull();
    const sizes = plan.candidates.map((candidate) => candidate.bytes);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  });

  it('shows the points of the source, each with its copies', async () => {
    const found = await source();
    expect(found.points).toHaveLength(2);
    for (const point of found.points) {
      expect(point.copies.map((copy) => copy.place)).toEqual(['local', 'drive']);
      expect(point.backup).not.toBeNull();
    }
    expect(found.safeUpToMs).toBe(found.points[0]!.takenAtMs);
    expect(found.places.map((place) => place.name)).toContain(DRIVE);
  });

  it('lists, previews and tells the versions of a file in a restore point', async () => {
    const { points } = await source();
    const { volumeId, subvolumeId } = points[0]!.copies[1]!;
    const place = { volumeId, subvolumeId };
    const listing = await client.call('directory.list', { ...place, path: '', limit: 5_000 });
    expect(listing.total).toBe(listing.entries.length);
    expect(listing.entries.map((entry) => entry.name)).toContain('new file');
    const preview = await client.call('file.preview', { ...place, path: 'new file' });
    expect(preview).toMatchObject({ text: 'new', mediaType: 'text/plain', truncated: false });
    const versions = await client.call('file.versions', { ...place, path: 'new file' });
    expect(versions.map((version) => version.exists)).toEqual([true, false]);
    const { changes } = await client.call('points.compare', {
      from: points[1]!.copies[1]!,
      to: place,
    });
    expect(changes.map((change) => [change.kind, change.path])).toContainEqual([
      'added',
      'new file',
    ]);
  });

  it('brings a deleted file back to where it was, keeps what is there, and undoes it', async () => {
    const home = join(laptop.dir, 'home');
    const { points } = await source();
    const { volumeId, subvolumeId } = points[0]!.copies[1]!;
    const request = {
      point: { volumeId, subvolumeId },
      paths: ['new file'],
      destination: { kind: 'original' as const },
    };
    rmSync(join(home, 'new file'));
    const preview = await client.call('restore.preview', request);
    expect(preview.items).toEqual([
      { from: 'new file', to: join(home, 'new file'), keepsExisting: false, aside: null },
    ]);
    const first = await ended((await client.call('restore.start', request)).runId);
    expect(first).toMatchObject({ state: 'done', error: null });
    expect(readFileSync(join(home, 'new file'), 'utf8')).toBe('new');
    writeFileSync(join(home, 'new file'), 'written since');
    const second = await ended((await client.call('restore.start', request)).runId);
    expect(second.result!.path).toBe(join(home, 'new file (restored)'));
    expect(readFileSync(join(home, 'new file'), 'utf8')).toBe('written since');
    await client.call('restore.undo', { runId: second.runId });
    expect(() => readFileSync(join(home, 'new file (restored)'))).toThrow('ENOENT');
    await expect(client.call('restore.undo', { runId: first.runId })).rejects.toMatchObject({
      code: 'changed-since',
    });
  });

  it('keeps the history of it all, newest first', async () => {
    const { runs: all, total } = await client.call('runs.list', {});
    expect(total).toBe(4);
    expect(all.map((run) => run.kind)).toEqual(['restore', 'restore', 'backup', 'backup']);
  });

  it('makes the folder that it is to go into, with those above it', async () => {
    const run = await backUp('backups/of the laptop');
    expect(run.error).toBeNull();
    expect(run.result!.path).toContain(join(drive.dir, 'backups/of the laptop/'));
    const differences = compareTrees(join(laptop.dir, 'home'), run.result!.path!);
    expect(showDifferences(differences)).toEqual([]);
  });
});
