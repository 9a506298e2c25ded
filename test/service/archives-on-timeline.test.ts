import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createService, inProcessClient, type LocalService } from '../../main/service/service.ts';
import {
  calls,
  type CallInput,
  type CallName,
  type CallOutput,
} from '../../shared/contract/calls.ts';
import type { Run } from '../../shared/model/run.ts';
import type { RestorePoint } from '../../shared/model/subvolume.ts';
import { TestDisks } from '../drives/disks.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';

vi.setConfig({ testTimeout: 300_000 });

const PASSPHRASE = { passphrase: 'a long one that nobody knows' };
let fs: TestBtrfs;
let disks: TestDisks;
let stick: { readonly device: string; readonly driveId: string; path: string };
let state: string;
let service: LocalService;
const volumes = new Map<string, { volumeId: string; subvolumeId: number }>();

/** Calls as a carrier does: what goes in and comes back fits the contract. */
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

const open = (): LocalService =>
  createService({
    ...{ historyPath: join(state, 'history.sqlite'), version: 'test' },
    ...{ carrier: 'in-process', runPlans: false },
  });

function snapshot(name: string, letter: string): void {
  writeFileSync(join(fs.dir, 'home', 'letter'), letter);
  utimesSync(join(fs.dir, 'home', 'letter'), 1_700_000_000 + letter.length, 1_700_000_000);
  run('btrfs', ['subvolume', 'snapshot', '-r', join(fs.dir, 'home'), join(fs.dir, name)]);
}

async function lookUp(): Promise<void> {
  const [volume] = (await call('volumes.list', {})).filter(({ mounts }) =>
    mounts.some(({ path }) => path === fs.dir),
  );
  for (const one of await call('subvolumes.list', { volumeId: volume!.volumeId })) {
    volumes.set(one.path, { volumeId: one.volumeId, subvolumeId: one.subvolumeId });
  }
}

const points = (): Promise<RestorePoint[]> => call('points.list', { source: volumes.get('home')! });
const pointOf = async (name: string): Promise<RestorePoint> =>
  (await points()).find((point) => point.name === name)!;

/** The copy in the archive of this name on the stick. */
async function archived(name: string, archive: string) {
  const volumeId = `archive:${stick.driveId}/${archive}`;
  const copy = (await pointOf(name)).copies.find((one) => one.volumeId === volumeId)!;
  return { volumeId, subvolumeId: copy.subvolumeId };
}

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  fs = makeBtrfs({ sizeMiB: 300 });
  disks = new TestDisks();
  run('btrfs', ['subvolume', 'create', join(fs.dir, 'home')]);
  fillTree(join(fs.dir, 'home'), { files: 12 });
  mkdirSync(join(fs.dir, 'home', 'only'));
  writeFileSync(join(fs.dir, 'home', 'only', 'café [1].txt'), 'kept in stream files only');
  snapshot('one', 'first');
  rmSync(join(fs.dir, 'home', 'only'), { recursive: true });
  snapshot('two', 'second letter');
  snapshot('three', 'second letter');
  fs.sync();
  const device = disks.plug(disks.formatted('stick', 'mkfs.ext4', ['-q', '-L', 'Stick'], 100));
  const driveId = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);
  stick = { device, driveId, path: disks.mount(device, 'stick-mount') };
  state = mkdtempSync(join(tmpdir(), `dendro-timeline-${process.pid}-`));
  service = open();
  await lookUp();
});
afterAll(async () => {
  await service?.close();
  fs?.close();
  disks?.close();
  if (state !== undefined) rmSync(state, { recursive: true });
});

describeKernel('archives on the one timeline', () => {
  test('an export by hand is one more place of the same point', async () => {
    for (const name of ['one', 'two']) {
      const folder = join(stick.path, 'backups/home');
      const done = await ended(call('archive.export', { snapshot: volumes.get(name)!, folder }));
      expect(done.state).toBe('done');
    }
    const sealed = {
      ...{ snapshot: volumes.get('three')!, folder: join(stick.path, 'sealed') },
      ...PASSPHRASE,
    };
    expect((await ended(call('archive.export', sealed))).state).toBe('done');
    const places = async (name: string) =>
      (await pointOf(name)).copies.map((copy) => [copy.volumeName, copy.present, copy.place]);
    expect(await places('two')).toEqual([
      [expect.any(String), true, 'local'],
      ['Stick (backups/home)', true, 'drive'],
    ]);
    expect(await places('three')).toContainEqual(['Stick (sealed)', true, 'drive']);
  });

  test('a service that knows nothing finds the archives that lie on a drive', async () => {
    const known = await archived('two', 'backups/home');
    await service.close();
    rmSync(join(state, 'history.sqlite'));
    service = open();
    // Asked for before anybody has listed anything: it was "not there any more".
    expect((await call('directory.list', { ...known, path: '' })).total).toBeGreaterThan(0);
    await lookUp();
    expect((await pointOf('one')).copies).toHaveLength(2);
    expect((await pointOf('three')).copies).toHaveLength(2);
  });

  test('a point that only stream files hold is looked into as any other', async () => {
    await call('snapshots.delete', volumes.get('one')!);
    const one = await pointOf('one');
    expect(one.copies).toMatchObject([{ volumeName: 'Stick (backups/home)', present: true }]);
    const copy = await archived('one', 'backups/home');
    const top = await call('directory.list', { ...copy, path: '' });
    const home = join(fs.dir, 'two');
    const wanted = [...readdirSync(home), 'only'].sort();
    expect(top.entries.map(({ name }) => name).sort()).toEqual(wanted);
    const page = await call('directory.list', { ...copy, path: '', offset: 2, limit: 3 });
    expect(page.entries).toEqual(top.entries.slice(2, 5));
    expect(page.total).toBe(wanted.length);
    const path = 'only/café [1].txt';
    const entry = await call('entry.get', { ...copy, path });
    expect(entry).toMatchObject({ name: 'café [1].txt', type: 'file', sizeBytes: 25 });
    const preview = await call('file.preview', { ...copy, path });
    expect(preview).toMatchObject({ text: 'kept in stream files only', truncated: false });
    const { entries } = await call('entries.find', { ...copy, text: 'É [1]'.toLowerCase() });
    expect(entries.map((found) => found.path)).toEqual([path]);
    await expect(call('entry.get', { ...copy, path: 'nowhere' })).rejects.toMatchObject({
      code: 'path-not-found',
    });
  });

  test('a point that only stream files hold is in the catalogue, what is encrypted is not', async () => {
    await call('catalogue.update', {});
    const find = (text: string) => call('catalogue.find', { text });
    const { entries } = await find('café');
    const one = await pointOf('one');
    expect(entries).toMatchObject([
      { path: 'only/café [1].txt', sizeBytes: 25, pointId: one.pointId, sourceName: 'home' },
    ]);
    expect(entries[0]!.copies).toMatchObject([
      { volumeName: 'Stick (backups/home)', present: true },
    ]);
    // Other tests make snapshots meanwhile, which wait as well until they are taken in.
    await vi.waitFor(
      async () => {
        await call('catalogue.update', {});
        expect((await call('catalogue.status', {})).waiting).toBe(0);
      },
      { timeout: 120_000, interval: 500 },
    );
    await call('catalogue.rebuild', {});
    expect((await find('café')).entries).toEqual(entries);
    // A service that had not looked around yet called what lies in archives away.
    await service.close();
    service = open();
    expect((await find('café')).entries).toEqual(entries);
  });

  test('versions of a file are told from snapshots and stream files together', async () => {
    await call('snapshots.delete', volumes.get('three')!);
    const at = { ...volumes.get('two')!, path: 'letter' };
    const locked = await call('file.versions', at);
    expect(locked.map(({ exists, problem }) => [exists, problem?.code])).toEqual([
      [false, 'archive-encrypted'],
      [true, undefined],
      [true, undefined],
    ]);
    const volumeId = `archive:${stick.driveId}/sealed`;
    const versions = await call('file.versions', {
      ...at,
      keys: [{ volumeId, secrets: PASSPHRASE }],
    });
    expect(versions.map(({ sizeBytes, sameAsPrevious }) => [sizeBytes, sameAsPrevious])).toEqual([
      [13, true],
      [13, false],
      [5, false],
    ]);
  });

  test('an encrypted archive asks for its key, and keeps none', async () => {
    const copy = await archived('three', 'sealed');
    const ask = { ...copy, path: '' };
    await expect(call('directory.list', ask)).rejects.toMatchObject({ code: 'archive-encrypted' });
    const wrong = { ...ask, secrets: { passphrase: 'wrong' } };
    await expect(call('directory.list', wrong)).rejects.toMatchObject({
      message: expect.stringContaining('not the passphrase'),
    });
    const listed = await call('directory.list', { ...ask, secrets: PASSPHRASE });
    expect(listed.entries.map(({ name }) => name)).toContain('letter');
    await expect(call('directory.list', ask)).rejects.toMatchObject({ code: 'archive-encrypted' });
    const letter = { ...copy, path: 'letter', secrets: PASSPHRASE };
    expect(await call('file.preview', letter)).toMatchObject({ text: 'second letter' });
  });

  test('restores to its place, beside it and into a folder, with an undo', async () => {
    const copy = await archived('one', 'backups/home');
    const paths = ['only'];
    const inPlace = { point: copy, paths, destination: { kind: 'original' as const } };
    const preview = await call('restore.preview', inPlace);
    expect(preview).toMatchObject({ files: 1, fits: true, sharesExtents: false });
    expect(preview.items).toMatchObject([{ to: join(fs.dir, 'home/only') }]);
    expect(preview.commandLine).toMatch(/^dendro restore --in-place .*:home\/[^ ]+:\/only$/);
    const done = await ended(call('restore.start', inPlace));
    expect(done).toMatchObject({ state: 'done', kind: 'restore' });
    const restored = join(fs.dir, 'home/only/café [1].txt');
    expect(readFileSync(restored, 'utf8')).toBe('kept in stream files only');
    await call('restore.undo', { runId: done.runId });
    expect(existsSync(restored)).toBe(false);

    const beside = { point: copy, paths: ['letter'], destination: { kind: 'beside' as const } };
    expect((await ended(call('restore.start', beside))).state).toBe('done');
    expect(readFileSync(join(fs.dir, 'home/letter (restored)'), 'utf8')).toBe('first');

    const folder = join(fs.dir, 'to');
    mkdirSync(folder);
    const whole = {
      point: { ...(await archived('three', 'sealed')), secrets: PASSPHRASE },
      ...{ paths: [''], destination: { kind: 'folder' as const, path: folder } },
    };
    const all = await ended(call('restore.start', whole));
    expect(all.state).toBe('done');
    expect(JSON.stringify(await call('runs.list', {}))).not.toContain(PASSPHRASE.passphrase);
    // What was asked for with a key is not kept.
    expect([done.canRepeat, all.canRepeat]).toEqual([true, false]);
    await expect(call('runs.repeat', { runId: all.runId })).rejects.toThrow('not known any more');
    const different = showDifferences(compareTrees(join(fs.dir, 'two'), join(folder, 'three')));
    // Streams of version 1 hold no flags.
    expect(different.filter((line) => !/: (flags|times):/.test(line))).toEqual([]);
  });

  test('two points are compared, whatever holds them', async () => {
    const from = { kind: 'snapshot' as const, ...(await archived('one', 'backups/home')) };
    const to = { kind: 'snapshot' as const, ...volumes.get('two')! };
    const done = await ended(call('comparison.start', { from, to }));
    expect([done.state, done.notes]).toEqual(['done', []]);
    const { differences } = await call('comparison.list', { runId: done.runId });
    expect(differences.map(({ path, kind }) => [path, kind])).toContainEqual([
      'letter',
      'modified',
    ]);
    expect(differences.map(({ path, kind }) => [path, kind])).toContainEqual(['only', 'removed']);
  });

  test('a drive that is away stays on the timeline, and says what to do', async () => {
    const copy = await archived('one', 'backups/home');
    disks.unmount(stick.path);
    await expect(call('directory.list', { ...copy, path: '' })).rejects.toMatchObject({
      code: 'drive-not-mounted',
    });
    await disks.unplug(stick.device);
    expect((await pointOf('one')).copies).toMatchObject([{ present: false }]);
    // In the drawer, and found all the same.
    const { entries } = await call('catalogue.find', { text: 'café' });
    expect(entries).toMatchObject([{ copies: [{ present: false }] }]);
    await expect(call('directory.list', { ...copy, path: '' })).rejects.toMatchObject({
      code: 'drive-away',
    });
  });

  test('a point that was pruned is gone from the timeline', async () => {
    const device = disks.plug(join(disks.folder, 'stick'));
    stick = { ...stick, device, path: disks.mount(device, 'stick-mount') };
    // It is back, and nobody but the search has looked.
    const { entries } = await call('catalogue.find', { text: 'café' });
    expect(entries).toMatchObject([{ copies: [{ present: true }] }]);
    const copy = await archived('one', 'backups/home');
    const folder = join(stick.path, 'backups/home');
    const pruned = await ended(call('archive.prune', { folder, points: ['one'] }));
    expect(pruned.state).toBe('done');
    expect(await pointOf('one')).toBeUndefined();
    await expect(call('directory.list', { ...copy, path: '' })).rejects.toMatchObject({
      code: 'point-unknown',
    });
    // The other point of the archive keeps its number.
    const two = await archived('two', 'backups/home');
    expect((await call('directory.list', { ...two, path: '' })).total).toBeGreaterThan(10);
  });
});
