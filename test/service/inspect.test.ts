import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lookup, openSubvolume } from '../../main/engine/tree/index.ts';
import { statInode } from '../../main/engine/inspect/index.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import {
  calls,
  type CallInput,
  type CallName,
  type CallOutput,
} from '../../shared/contract/calls.ts';
import type { Run } from '../../shared/model/run.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { textOf } from '../../shared/said.ts';

let fs: TestBtrfs;
let state: string;
let service: Service;
let volumeId: string;
const content = new Random(1).bytes(300_000);

/** Calls as a carrier does: what comes back fits the contract. */
async function call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const output = await inProcessClient(service).call(name, input);
  return calls[name].output.parse(output) as CallOutput<N>;
}

async function ended(runId: string): Promise<Run> {
  for (;;) {
    const run = await call('runs.get', { runId });
    if (run.state !== 'running') return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  fs = makeBtrfs({ devices: 2, mkfsArgs: ['-L', 'inspected', '-d', 'raid1', '-m', 'raid1'] });
  run('btrfs', ['subvolume', 'create', `${fs.dir}/home`]);
  mkdirSync(`${fs.dir}/home/letters`);
  writeFileSync(`${fs.dir}/home/letters/to mum`, content);
  run('btrfs', ['subvolume', 'snapshot', '-r', `${fs.dir}/home`, `${fs.dir}/one`]);
  appendFileSync(`${fs.dir}/home/letters/to dad`, 'new');
  // under the name that a receive seals it with: a crash left it
  run('btrfs', ['subvolume', 'create', `${fs.dir}/.dendro-0123456789abcdef`]);
  fs.unmount();
  fs.images.forEach((_, index) => fs.detach(index));
  state = mkdtempSync(join(tmpdir(), 'dendro-inspect-'));
  service = createService({
    historyPath: join(state, 'history.sqlite'),
    version: 'test',
    carrier: 'in-process',
    runPlans: false,
  });
  // one of two images: the other is found beside it
  ({ volumeId } = await call('volumes.add', { path: fs.images[0]! }));
});
afterAll(async () => {
  await service?.close();
  fs?.close();
  if (state) rmSync(state, { recursive: true });
});

describeKernel("the reader's verbs in the contract", () => {
  it('volumes.inspect: devices, room, health', async () => {
    const report = await call('volumes.inspect', { volumeId });
    expect(report.health).toEqual({ state: 'good', notes: [] });
    expect(report.devices.map(({ deviceId }) => deviceId)).toEqual([1, 2]);
    expect(report.groups.map(({ kind, profile }) => `${kind} ${profile}`).sort()).toEqual([
      'data RAID1',
      'metadata RAID1',
      'system RAID1',
    ]);
  });

  // It was whole, and as writable as it is a source on Home that needs a backup.
  it('subvolumes.list: what is being sealed is not whole, and no source', async () => {
    const all = await call('subvolumes.list', { volumeId });
    expect(all.filter(({ whole }) => !whole).map(({ path }) => path)).toEqual([
      '.dendro-0123456789abcdef',
    ]);
    const sources = await call('sources.list', {});
    expect(sources.filter((one) => one.volumeId === volumeId).map(({ name }) => name)).toEqual([
      'home',
    ]);
  });

  it('entry.stat, entries.match, changes.since, space.bill, space.freed', async () => {
    const stat = await call('entry.stat', { volumeId, subvolumeId: 5, path: 'one/letters/to mum' });
    expect(stat).toMatchObject({ paths: ['letters/to mum'], sizeBytes: 300_000 });
    expect(stat.extents[0]).toMatchObject({ kind: 'data', fileOffset: 0 });
    const place = { volumeId, subvolumeId: 5, path: 'home/letters' };
    const found = await call('entries.match', { ...place, pattern: 'to *' });
    expect(found.entries.map(({ path }) => path)).toEqual(['letters/to mum', 'letters/to dad']);
    expect(await call('entries.match', { ...place, pattern: 'to *', limit: 1 })).toMatchObject({
      isCut: true,
    });
    const since = await call('changes.since', {
      volumeId,
      subvolumeId: 256,
      since: { snapshotId: 257 },
    });
    expect(since.changed.map(({ path, isNew }) => [path, isNew])).toEqual(
      expect.arrayContaining([['letters/to dad', true]]),
    );
    const { generation } = since;
    expect(
      await call('changes.since', { volumeId, subvolumeId: 256, since: { generation } }),
    ).toEqual(since);
    const bill = await call('space.bill', { volumeId });
    for (const one of bill.subvolumes) {
      expect(one.exclusiveBytes + one.sharedBytes).toBe(one.referencedBytes);
    }
    const both = await call('space.freed', { volumeId, subvolumeIds: [256, 257] });
    expect(both.freedBytes).toBeGreaterThan(300_000);
    const alone = await call('space.freed', { volumeId, subvolumeIds: [257] });
    expect(alone.freedBytes).toBeLessThan(300_000);
  });

  it('verify: a good volume, then one bad copy, then none that is good', async () => {
    const { runId } = await call('verify.start', { volumeId });
    expect(await ended(runId)).toMatchObject({ state: 'done', notes: [], kind: 'verify' });
    expect((await call('verify.report', { runId })).damages).toEqual([]);
    const volume = openVolume(fs.images);
    const subvolume = openSubvolume(volume, 257);
    const { inode } = lookup(subvolume, Buffer.from('letters/to mum'));
    const { diskLogical } = statInode(subvolume, inode)!.extents[0]!;
    const places = [0, 1].map((rank) => volume.chunks.place(diskLogical, rank));
    volume.close();
    const spoil = (rank: number): void => {
      const fd = openSync(places[rank]!.device, 'r+');
      writeSync(fd, 'spoilt', places[rank]!.physical);
      closeSync(fd);
    };
    spoil(0);
    const one = await call('verify.start', { volumeId, subvolumeId: 257 });
    const run = await ended(one.runId);
    expect(run).toMatchObject({ state: 'done' });
    expect(textOf(run.notes[0]!)).toContain('letters/to mum at 0 (checksum)');
    expect((await call('verify.report', one)).damages).toMatchObject([
      { path: 'letters/to mum', offset: 0, healedBy: 'mirror', goodDevice: places[1]!.device },
    ]);
    spoil(1);
    const two = await call('verify.start', { volumeId });
    expect(await ended(two.runId)).toMatchObject({
      state: 'failed',
      error: { kind: 'Corrupt', code: 'damage-found' },
    });
    expect((await call('verify.report', two)).damages.length).toBe(2);
    await expect(call('verify.report', { runId: 'none' })).rejects.toMatchObject({
      code: 'report-unknown',
    });
  });

  it('rescue: a look, a list of files, a copy of everything', async () => {
    for (const image of fs.images) {
      const fd = openSync(image, 'r+');
      writeSync(fd, Buffer.alloc(4096), 0, 4096, 65_536);
      closeSync(fd);
    }
    const look = await call('rescue.look', { paths: [...fs.images] });
    expect(await ended(look.runId)).toMatchObject({ state: 'done' });
    const found = await call('rescue.found', look);
    expect(found).toMatchObject({ entry: { text: 'superblock copy 1' }, label: 'inspected' });
    expect(found.subvolumes.map(({ path }) => path)).toEqual([
      '',
      'home',
      'one',
      '.dendro-0123456789abcdef',
    ]);
    const { files } = await call('rescue.list', { ...look, subvolumeId: 256, path: 'letters' });
    expect(files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
      ['letters/to mum', 300_000],
      ['letters/to dad', 3],
    ]);
    const folder = join(state, 'rescued');
    const copy = await call('rescue.start', { paths: [...fs.images], folder });
    const run = await ended(copy.runId);
    expect(run).toMatchObject({ state: 'done', result: { path: folder } });
    const report = await call('rescue.report', copy);
    expect(report.leftOut.map(({ path }) => path)).toEqual(['one']);
    // its first block was spoilt in both copies above
    expect(report.losses).toMatchObject([
      { path: 'letters/to mum', what: 'data', offset: 0, lengthBytes: 4096 },
    ]);
    const expected = Buffer.from(content).fill(0, 0, 4096);
    expect(readFileSync(join(folder, 'home/letters/to mum')).equals(expected)).toBe(true);
    expect(readFileSync(join(folder, 'home/letters/to dad'), 'utf8')).toBe('new');
  });
});
