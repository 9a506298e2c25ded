import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createService, inProcessClient, type Service } from '../../main/service/service.ts';
import {
  calls,
  type CallInput,
  type CallName,
  type CallOutput,
} from '../../shared/contract/calls.ts';
import type { Run } from '../../shared/model/run.ts';
import type { PointPlace } from '../../shared/model/place.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

let fs: TestBtrfs;
let drive: TestBtrfs;
let state: string;
let service: Service;

/** Calls as a carrier does: what comes back fits the contract. */
async function call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const output = await inProcessClient(service).call(name, input);
  return calls[name].output.parse(output) as CallOutput<N>;
}

async function ended(started: Promise<{ runId: string }>): Promise<Run> {
  const { runId } = await started;
  for (;;) {
    const found = await call('runs.get', { runId });
    if (found.state !== 'running') return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const snapshot = (name: string): void =>
  void run('btrfs', ['subvolume', 'snapshot', '-r', `${fs.dir}/home`, `${fs.dir}/${name}`]);

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  fs = makeBtrfs({ mkfsArgs: ['-d', 'single', '-m', 'dup'] });
  drive = makeBtrfs();
  run('btrfs', ['subvolume', 'create', `${fs.dir}/home`]);
  mkdirSync(`${fs.dir}/home/docs`);
  const marked = Buffer.alloc(40_960, 'all of one letter ');
  marked.write('<<this block will be spoilt>>', 8_192);
  writeFileSync(`${fs.dir}/home/docs/letter`, marked);
  writeFileSync(`${fs.dir}/home/docs/same`, 'the same');
  snapshot('one');
  writeFileSync(`${fs.dir}/home/docs/same`, 'the same');
  writeFileSync(`${fs.dir}/home/docs/new`, 'new');
  snapshot('two');
  fs.sync();
  const sent = run('btrfs', ['send', '-q', `${fs.dir}/one`]).stdout;
  run('btrfs', ['receive', '-q', drive.dir], { input: sent });
  drive.sync();
  state = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  service = createService({
    ...{ historyPath: join(state, 'history.sqlite'), version: 'test' },
    ...{ carrier: 'in-process', runPlans: false },
  });
});
afterAll(async () => {
  await service?.close();
  fs?.close();
  drive?.close();
  if (state !== undefined) rmSync(state, { recursive: true });
});

async function place(name: string): Promise<PointPlace & { kind: 'snapshot' }> {
  const volumes = await call('volumes.list', {});
  const { volumeId } = volumes.find(({ mounts }) => mounts.some(({ path }) => path === fs.dir))!;
  const subvolumes = await call('subvolumes.list', { volumeId });
  const { subvolumeId } = subvolumes.find(({ path }) => path === name)!;
  return { kind: 'snapshot', volumeId, subvolumeId };
}

describeKernel('states of files in the contract', () => {
  test('what differs is told as a tree, and both sides of a text are there to look at', async () => {
    const [from, to] = [await place('one'), await place('two')];
    const done = await ended(call('comparison.start', { from, to }));
    expect([done.state, done.kind]).toEqual(['done', 'compare']);
    const { runId } = done;
    const { counts } = await call('comparison.summary', { runId });
    expect(counts).toMatchObject({ added: 1, modified: 0, metadata: 0 });
    const top = await call('comparison.folder', { runId, path: '' });
    expect(top.entries).toMatchObject([
      { name: 'docs', isFolder: true, differences: [], below: { added: 1 } },
    ]);
    const docs = await call('comparison.folder', { runId, path: 'docs' });
    expect(docs.entries).toMatchObject([{ path: 'docs/new', differences: [{ kind: 'added' }] }]);
    const list = await call('comparison.list', { runId, kinds: ['removed'] });
    expect(list).toEqual({ differences: [], total: 0 });
    const preview = await call('place.preview', { place: to, path: 'docs/new' });
    expect(preview).toMatchObject({ text: 'new', truncated: false });
    const listing = await call('place.directory', { place: to, path: 'docs' });
    expect(listing.entries.map(({ name }) => name)).toEqual(['letter', 'new', 'same']);
  });

  test('everything in an image is listed, and restored with an undo', async () => {
    const done = await ended(call('recover.look', { path: drive.images[0]! }));
    expect(done.state).toBe('done');
    const { points, holders } = await call('recover.report', { runId: done.runId });
    expect(holders).toMatchObject([{ kind: 'volume', problem: null }]);
    const point = points.find(({ name }) => name === 'one')!;
    const folder = join(state, 'to');
    mkdirSync(folder);
    const request = { place: point.place!, paths: ['docs/letter'], folder };
    const preview = await call('place.restorePreview', request);
    expect(preview).toMatchObject({ files: 1, fits: true });
    const restored = await ended(call('place.restore', request));
    expect(restored).toMatchObject({ state: 'done', kind: 'restore' });
    expect(readFileSync(join(folder, 'letter'))).toHaveLength(40_960);
    await call('restore.undo', { runId: restored.runId });
    expect(() => readFileSync(join(folder, 'letter'))).toThrow('ENOENT');
  });

  test('damage is found, and healed out of the copy on the drive', async () => {
    fs.unmount();
    const image = readFileSync(fs.images[0]!);
    const fd = openSync(fs.images[0]!, 'r+');
    writeSync(fd, 'SPOILT', image.indexOf('<<this block will be spoilt>>'));
    closeSync(fd);
    fs.mount();
    const { volumeId, subvolumeId } = await place('home');
    const source = { volumeId, subvolumeId };
    const look = await ended(call('heal.look', { source }));
    expect(look).toMatchObject({ state: 'done', kind: 'heal' });
    const report = await call('heal.report', { runId: look.runId });
    expect(report.files).toMatchObject([
      { path: 'docs/letter', isHealable: true, lostBytes: 4096 },
    ]);
    const healed = await ended(call('heal.start', { runId: look.runId }));
    expect([healed.state, healed.notes]).toEqual(['done', []]);
    const outcome = await call('heal.outcome', { runId: healed.runId });
    expect(outcome.files).toMatchObject([{ state: 'healed', healedBytes: 4096 }]);
    expect(readFileSync(`${fs.dir}/home/docs/letter`)).toHaveLength(40_960);
    const point = await place('one');
    await expect(call('heal.look', { source: point })).rejects.toMatchObject({
      code: 'read-only-source',
    });
  });
});
