import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  changedSince,
  compileGlob,
  findNames,
  readSpaceBill,
  readUsage,
  statInode,
  verifySubvolume,
  verifyVolume,
} from '../../../main/engine/inspect/index.ts';
import { listSubvolumes, lookup, openSubvolume } from '../../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../../main/engine/volume/index.ts';
import { fillTree } from '../../harness/fill.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../../harness/loop.ts';
import { Random } from '../../harness/random.ts';
import { run, runText } from '../../harness/run.ts';

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const bytes = (words: string): Uint8Array => Buffer.from(words);

describeKernel('inspecting a volume, against btrfs-progs', () => {
  let fs: TestBtrfs;
  let volume: Volume;

  beforeAll(() => {
    fs = makeBtrfs({ sizeMiB: 512 });
    const subvolume = `${fs.dir}/data`;
    run('btrfs', ['quota', 'enable', fs.dir]);
    run('btrfs', ['subvolume', 'create', subvolume]);
    fillTree(subvolume, { files: 400 });
    run('btrfs', ['subvolume', 'snapshot', '-r', subvolume, `${fs.dir}/one`]);
    writeFileSync(`${subvolume}/new-file`, new Random(1).bytes(300_000));
    appendFileSync(`${subvolume}/extents/size-1000001`, 'more');
    rmSync(`${subvolume}/shared/original`);
    run('btrfs', ['subvolume', 'snapshot', '-r', subvolume, `${fs.dir}/two`]);
    writeFileSync(`${subvolume}/only-here`, new Random(2).bytes(700_000));
    mkdirSync(`${subvolume}/made`);
    fs.sync();
    run('btrfs', ['quota', 'rescan', '-w', fs.dir]);
    fs.sync();
    volume = openVolume([fs.device]);
  });
  afterAll(() => {
    volume?.close();
    fs?.close();
  });

  test('the space bill is what quotas count', () => {
    const bill = readSpaceBill(volume).subvolumes.map(
      ({ subvolume, referencedBytes, exclusiveBytes }) =>
        `0/${subvolume.id} ${referencedBytes} ${exclusiveBytes}`,
    );
    const quotas = runText('btrfs', ['qgroup', 'show', '--raw', fs.dir])
      .split('\n')
      .filter((line) => line.startsWith('0/'))
      .map((line) => line.trim().split(/\s+/).slice(0, 3).join(' '));
    expect(bill).toEqual(quotas);
  });

  test('the space bill is the same where extents are too many to be kept in memory', () => {
    const [whole, inParts] = [readSpaceBill(volume), readSpaceBill(volume, 5)];
    expect(inParts.subvolumes).toEqual(whole.subvolumes);
    expect(inParts.totalBytes).toBe(whole.totalBytes);
  });

  test('what deleting a set would free is what the set alone holds', () => {
    const bill = readSpaceBill(volume);
    const ids = bill.subvolumes.map(({ subvolume }) => subvolume.id);
    expect(bill.freedBy(ids)).toBe(bill.totalBytes);
    const [one, two] = listSubvolumes(volume).filter(({ isReadOnly }) => isReadOnly);
    const exclusive = bill.subvolumes
      .filter(({ subvolume }) => [one!.id, two!.id].includes(subvolume.id))
      .reduce((sum, { exclusiveBytes }) => sum + exclusiveBytes, 0);
    expect(bill.freedBy([one!.id, two!.id])).toBeGreaterThanOrEqual(exclusive);
  });

  test('find agrees with find', () => {
    const subvolume = openSubvolume(volume, bytes('two'));
    for (const [glob, ignoreCase] of [
      ['file-1*', false],
      ['*OLD*', true],
      ['size-[12]*', false],
      ['?????', false],
      ['[!a-r]*', false],
    ] as const) {
      const ours = [...findNames(subvolume, compileGlob(bytes(glob), ignoreCase))];
      const theirs = run(
        'find',
        [
          `${fs.dir}/two`,
          '-mindepth',
          '1',
          ignoreCase ? '-iname' : '-name',
          glob,
          '-printf',
          '%P\\0',
        ],
        { env: { LC_ALL: 'C.UTF-8' } },
      )
        .stdout.toString('latin1')
        .split('\0')
        .slice(0, -1);
      expect(ours.map(({ path }) => Buffer.from(path).toString('latin1')).sort()).toEqual(
        theirs.sort(),
      );
      expect(ours.length).toBeGreaterThan(0);
    }
  });

  test('changed since a snapshot: what is new and what was touched', () => {
    const since = listSubvolumes(volume).find(({ path }) => text(path) === 'one')!.otransid;
    const changed = [...changedSince(openSubvolume(volume, bytes('data')), since)];
    expect(changed.map(({ path, isNew }) => `${isNew ? '+' : '*'} ${text(path)}`).sort()).toEqual([
      '* ',
      '* extents/size-1000001',
      '* shared',
      '+ made',
      '+ new-file',
      '+ only-here',
    ]);
    expect([...changedSince(openSubvolume(volume, bytes('one')), since)]).toEqual([]);
  });

  test('stat: names, attributes and extents', () => {
    const subvolume = openSubvolume(volume, bytes('one'));
    const { inode } = lookup(subvolume, bytes('links/one'));
    const facts = statInode(subvolume, inode)!;
    expect(facts.paths.map(text).sort()).toEqual(['links/one', 'links/other/three', 'links/two']);
    const sparse = statInode(subvolume, lookup(subvolume, bytes('extents/sparse')).inode)!;
    expect(sparse.extents.map(({ fileOffset }) => fileOffset)).toEqual([0, 65_536, 1_048_576]);
    expect(statInode(subvolume, 999_999)).toBeUndefined();
  });

  test('usage is what btrfs filesystem usage says', () => {
    const usage = readUsage(volume);
    const lines = runText('btrfs', ['filesystem', 'df', '--raw', fs.dir]).split('\n');
    for (const { kind, profile, sizeBytes, usedBytes } of usage.groups) {
      const name = `${kind[0]!.toUpperCase()}${kind.slice(1)}, ${profile}`;
      expect(lines).toContain(`${name}: total=${sizeBytes}, used=${usedBytes}`);
    }
    expect(usage.devices.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
      [fs.device, 512 * 1024 * 1024],
    ]);
  });

  test('verify finds nothing on a good volume, and every damaged copy on a bad one', () => {
    expect(verifyVolume(volume).damages).toEqual([]);
    const subvolume = openSubvolume(volume, bytes('two'));
    const good = verifySubvolume(subvolume);
    expect(good.damages).toEqual([]);
    expect(good.unverifiedBytes).toBeGreaterThan(0);
    fs.unmount();
    const { inode } = lookup(subvolume, bytes('new-file'));
    const { diskLogical } = statInode(subvolume, inode)!.extents[0]!;
    const data = volume.chunks.place(diskLogical + 8192, 0).physical;
    const block = volume.chunks.place(volume.requireRoot(subvolume.id).logical, 1).physical;
    const fd = openSync(fs.images[0]!, 'r+');
    writeSync(fd, Buffer.alloc(4096, 1), 0, 4096, data);
    writeSync(fd, Buffer.alloc(100, 1), 0, 100, block + 5000);
    closeSync(fd);
    const fresh = openVolume([fs.images[0]!]);
    try {
      for (const report of [
        verifyVolume(fresh),
        verifySubvolume(openSubvolume(fresh, bytes('two'))),
      ]) {
        const lost = report.damages.find(({ what }) => what === 'data');
        expect(lost).toMatchObject({
          reason: 'checksum',
          physical: data,
          lengthBytes: 4096,
          offset: 8192,
        });
        expect(text(lost!.path)).toBe('new-file');
        expect(lost!.healedBy).toBeUndefined();
        const healed = report.damages.find(({ what }) => what === 'metadata');
        expect(healed).toMatchObject({ reason: 'checksum', physical: block, healedBy: 'mirror' });
        expect(report.damages.length).toBe(2);
      }
    } finally {
      fresh.close();
    }
  });
});
