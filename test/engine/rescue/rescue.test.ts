import {
  closeSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  copyAll,
  copyOut,
  listFiles,
  openRescue,
  type CopyReport,
} from '../../../main/engine/rescue/index.ts';
import { compileGlob, findNames, statInode } from '../../../main/engine/inspect/index.ts';
import { lookup, openSubvolume } from '../../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../../main/engine/volume/index.ts';
import type { Node } from '../../../main/engine/volume/node.ts';
import { compareTrees } from '../../harness/compare.ts';
import { fillTree } from '../../harness/fill.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { makeBtrfs, withBtrfs, type TestBtrfs } from '../../harness/loop.ts';
import { Random } from '../../harness/random.ts';
import { run } from '../../harness/run.ts';
import { listXattrs } from '../../harness/syscalls.ts';

/** The first and the last key of a leaf, as numbers that are ordered as they are. */
function keyRange(leaf: Buffer): [bigint, bigint] {
  const keyAt = (at: number): bigint =>
    (leaf.readBigUInt64LE(at) << 72n) |
    (BigInt(leaf[at + 8]!) << 64n) |
    leaf.readBigUInt64LE(at + 9);
  return [keyAt(101), keyAt(101 + 25 * (leaf.readUInt32LE(96) - 1))];
}

/** But the first two, which hold what a tree cannot be without. */
function leavesBelow(volume: Volume, top: Node): Node[] {
  return Array.from({ length: top.itemCount - 2 }, (_, i) =>
    volume.node(top.childLogical(i + 2), { level: 0 }),
  );
}

const bytes = (words: string): Uint8Array => Buffer.from(words);

describeKernel('a tree deeper than the stack and than a path may be long', () => {
  test('find, list and rescue go through it', async () => {
    const before = process.cwd();
    await withBtrfs({}, (deep) => {
      try {
        process.chdir(deep.dir);
        for (let level = 0; level < 3_000; level += 1) {
          mkdirSync('d');
          process.chdir('d');
        }
        writeFileSync('bottom', 'reached');
      } finally {
        process.chdir(before);
      }
      deep.unmount();
      const volume = openVolume([deep.images[0]!]);
      const subvolume = openSubvolume(volume, 5);
      const bottom = `${'d/'.repeat(3_000)}bottom`;
      const found = [...findNames(subvolume, compileGlob(bytes('bottom')))];
      expect(found.map(({ path }) => Buffer.from(path).toString())).toEqual([bottom]);
      volume.close();
      const opened = openRescue([deep.images[0]!]);
      const { subvolume: rescued, lost } = opened.open(5);
      expect([...listFiles(rescued)].at(-1)!.path.length).toBe(bottom.length);
      const target = mkdtempSync(join(tmpdir(), 'dendro-deep-'));
      const report = copyOut(rescued, lost, target);
      // Below 4,096 bytes of path nothing came out.
      expect([report.directories, report.files]).toEqual([3_001, 1]);
      expect(report.losses).toEqual([]);
      try {
        process.chdir(target);
        for (let level = 0; level < 3_000; level += 1) process.chdir('d');
        expect(readFileSync('bottom', 'utf8')).toBe('reached');
      } finally {
        process.chdir(before);
      }
      opened.close();
      run('rm', ['-rf', target]);
    });
  });
});

describeKernel('rescue of damaged filesystems', () => {
  let fs: TestBtrfs;
  let image: string;
  let drive: TestBtrfs;
  let out: string;

  beforeAll(() => {
    fs = makeBtrfs({ sizeMiB: 256 });
    run('btrfs', ['subvolume', 'create', `${fs.dir}/data`]);
    fillTree(`${fs.dir}/data`, { files: 300 });
    writeFileSync(`${fs.dir}/data/victim`, new Random(5).bytes(500_000));
    run('btrfs', ['subvolume', 'snapshot', '-r', `${fs.dir}/data`, `${fs.dir}/snap`]);
    for (let i = 0; i < 5; i += 1) {
      writeFileSync(`${fs.dir}/data/later-${i}`, 'x'.repeat(3000));
      fs.sync();
    }
    fs.remount('ro');
    image = `${fs.images[0]}.damaged`;
    drive = makeBtrfs({ sizeMiB: 1_024 });
    out = drive.dir;
  });
  beforeEach(() => copyFileSync(fs.images[0]!, image));
  afterAll(() => {
    fs?.close();
    drive?.close();
  });

  /** Writes noise over every copy of a tree block. */
  function destroy(volume: Volume, logical: number): void {
    for (let rank = 0; rank < volume.chunks.copyCount(logical); rank += 1) {
      overwrite(volume.chunks.place(logical, rank).physical, volume.nodeSize);
    }
  }
  function overwrite(physical: number, length: number): void {
    const fd = openSync(image, 'r+');
    writeSync(fd, Buffer.alloc(length, 0x5a), 0, length, physical);
    closeSync(fd);
  }
  /** Changes a block in every copy, with the right checksum. */
  function rewrite(volume: Volume, logical: number, edit: (bytes: Uint8Array) => void): void {
    const bytes = Uint8Array.from(volume.node(logical, {}).bytes);
    edit(bytes);
    bytes.set(volume.checksum.compute(bytes.subarray(32)));
    const fd = openSync(image, 'r+');
    for (let rank = 0; rank < volume.chunks.copyCount(logical); rank += 1) {
      writeSync(fd, bytes, 0, bytes.length, volume.chunks.place(logical, rank).physical);
    }
    closeSync(fd);
  }
  /** Whether another leaf on the disk, an older one mostly, has a place for this one's first item. */
  function hasRival({ nodeSize, fsid }: Volume, leaf: Node): boolean {
    const disk = readFileSync(image);
    const [own] = keyRange(Buffer.from(leaf.bytes));
    for (let at = 0; at + nodeSize <= disk.length; at += nodeSize) {
      const block = disk.subarray(at, at + nodeSize);
      if (block.compare(fsid, 0, 16, 32, 48) !== 0 || block[100] !== 0) continue;
      if (![256n, 257n].includes(block.readBigUInt64LE(88))) continue;
      const [first, last] = keyRange(block);
      const isItself = block.readBigUInt64LE(48) === BigInt(leaf.logical);
      if (!isItself && first <= own && own <= last) return true;
    }
    return false;
  }
  function damage(work: (volume: Volume) => void): void {
    const volume = openVolume([image]);
    work(volume);
    volume.close();
  }
  function rescue(name: string): { report: CopyReport; entry: string; target: string } {
    const found = openRescue([image]);
    try {
      expect(found.subvolumes().map(({ id }) => id)).toEqual([5, 256, 257]);
      const { subvolume, lost } = found.open(257);
      const target = join(out, name);
      return { report: copyOut(subvolume, lost, target), entry: found.entry.text, target };
    } finally {
      found.close();
    }
  }
  /** Everything but what plain copies do not keep. */
  const plainCopy = {
    except: ['owner', 'mode', 'xattrs', 'links', 'mtime', 'flags', 'holes', 'kind'] as never,
    ignore: (path: string): boolean => path.startsWith('special/'),
  };
  function differences(target: string): readonly string[] {
    return compareTrees(`${fs.dir}/snap`, target, plainCopy).map(
      ({ path, aspect }) => `${path} ${aspect}`,
    );
  }
  const lossesOf = ({ report }: { report: CopyReport }): string[] =>
    report.losses
      .filter(({ what }) => what !== 'special')
      .map(({ what, path }) => `${what} ${Buffer.from(path).toString()}`);

  test('nothing is lost of a whole filesystem', () => {
    const result = rescue('whole');
    expect(result.entry).toBe('the superblock');
    expect(lossesOf(result)).toEqual([]);
    expect(differences(result.target)).toEqual([]);
  });

  test('owners, modes, attributes, times and links are kept, but for rights that run as another', () => {
    const { target } = rescue('properties');
    const differ = (aspects: readonly string[]): string[] => {
      const standard = ['owner', 'mode', 'xattrs', 'mtime', 'links', 'flags', 'holes', 'kind'];
      const except = standard.filter((aspect) => !aspects.includes(aspect)) as never;
      return compareTrees(`${fs.dir}/snap`, target, { ...plainCopy, except }).map(
        ({ path, aspect }) => `${path} ${aspect}`,
      );
    };
    expect(differ(['owner', 'mtime', 'links'])).toEqual([]);
    const isWithoutRights = (line: string): boolean =>
      /mode-[246]\d+(\.d)? mode$|^attributes\/capable xattrs$|^(compressed|flags)\/.* xattrs$/.test(
        line,
      );
    expect(differ(['mode', 'xattrs']).filter((line) => !isWithoutRights(line))).toEqual([]);
    const mode = (name: string): number => lstatSync(`${target}/properties/${name}`).mode & 0o7777;
    expect([mode('mode-4755'), mode('mode-1777.d')]).toEqual([0o755, 0o1777]);
    expect(listXattrs(`${target}/attributes/capable`)).not.toContain('security.capability');
  });

  test('what the target does not keep is told once, and all else comes out', () => {
    const stick = mkdtempSync(join(tmpdir(), 'dendro-rescue-'));
    const found = openRescue([image]);
    try {
      run('mount', ['-t', 'ramfs', 'none', stick]);
      const { subvolume, lost } = found.open(257);
      const report = copyOut(subvolume, lost, `${stick}/to`);
      const told = report.losses.filter(({ what }) => what === 'properties');
      expect(told.map(({ reason }) => reason.text)).toEqual([
        expect.stringContaining('attributes of "user" (EOPNOTSUPP); told once'),
        expect.stringContaining('attributes of "trusted"'),
        expect.stringContaining('attributes of "system.posix_acl_access"'),
        expect.stringContaining('attributes of "system.posix_acl_default"'),
      ]);
      expect(differences(`${stick}/to`)).toEqual([]);
    } finally {
      found.close();
      run('umount', [stick]);
      rmdirSync(stick);
    }
  });

  test('the first superblock is gone', () => {
    overwrite(65536, 4096);
    const result = rescue('superblock');
    expect(result.entry).toBe('superblock copy 1');
    expect(differences(result.target)).toEqual([]);
  });

  test('the root tree is gone: a backup root leads in', () => {
    damage((volume) => destroy(volume, volume.requireRoot(1).logical));
    expect(() => openVolume([image]).root(5)).toThrow(/tree block/);
    const result = rescue('backup');
    expect(result.entry).toMatch(/backup root/);
    expect(differences(result.target)).toEqual([]);
  });

  test('the chunk tree is gone: chunks are found by searching the device', () => {
    damage((volume) => destroy(volume, volume.requireRoot(3).logical));
    expect(() => openVolume([image])).toThrow(/tree block/);
    const result = rescue('chunks');
    expect(lossesOf(result)).toEqual([]);
    expect(differences(result.target)).toEqual([]);
  });

  test('the root tree and all backups are gone: roots are found by searching', () => {
    damage((volume) => {
      for (const { treeRoot } of volume.superblock.backupRoots) destroy(volume, treeRoot);
      destroy(volume, volume.requireRoot(1).logical);
    });
    const found = openRescue([image]);
    expect(found.entry.text).toMatch(/searching/);
    expect(found.subvolumes().map(({ id }) => id)).toContain(257);
    found.close();
  });

  test('a leaf of the snapshot is gone: the rest comes out, what is lost is listed', () => {
    damage((volume) => {
      const { root } = openSubvolume(volume, 257);
      destroy(volume, volume.node(root.logical, root).childLogical(2));
    });
    const result = rescue('leaf');
    const missing = differences(result.target).map((line) => line.split(' ')[0]!);
    expect(missing.length).toBeGreaterThan(0);
    expect(missing.length).toBeLessThan(200);
    expect(lossesOf(result).length).toBeGreaterThan(0);
    expect(result.report.files).toBeGreaterThan(100);
  });

  test('the top block of the snapshot is gone: its leaves are searched for', () => {
    damage((volume) => destroy(volume, openSubvolume(volume, 257).root.logical));
    const found = openRescue([image]);
    const { subvolume, lost } = found.open(257);
    expect(lost.length).toBe(1);
    const report = copyOut(subvolume, lost, join(out, 'top'));
    expect(report.losses.length).toBeGreaterThan(0);
    found.close();
  });

  test('inner blocks of a shared tree are gone: the leaves below are found by searching', () => {
    damage((volume) => {
      const { root } = openSubvolume(volume, 256);
      // blocks of level 1 and up, not the top one: the snapshot shares what did not change
      const inner: number[] = [];
      const visit = (logical: number, level: number, generation: number): void => {
        const node = volume.node(logical, { level, generation });
        if (level === 1 && logical !== root.logical) inner.push(logical);
        for (let slot = 0; level > 1 && slot < node.itemCount; slot += 1)
          visit(node.childLogical(slot), level - 1, node.childGeneration(slot));
      };
      visit(root.logical, root.level, root.generation);
      for (const logical of inner) destroy(volume, logical);
      if (inner.length === 0) destroy(volume, root.logical);
    });
    const found = openRescue([image]);
    const { subvolume, lost } = found.open(256);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every(({ leavesFound = 0 }) => leavesFound > 0)).toBe(true);
    const target = join(out, 'inner');
    expect(copyOut(subvolume, lost, target).files).toBeGreaterThan(300);
    const { except, ignore } = plainCopy;
    expect(
      compareTrees(`${fs.dir}/data`, target, { except, ignore }).map(({ path }) => path),
    ).toEqual([]);
    found.close();
  });

  test('blocks are of another generation than is expected: they are used, and said', () => {
    damage((volume) => {
      const { root } = openSubvolume(volume, 257);
      const top = volume.node(root.logical, root);
      // Of two leaves for a place that with the higher generation is taken, however old it is: one
      // that was written twice while the tree was filled, which takes longer at times, will not do.
      const leaf = leavesBelow(volume, top).find((one) => !hasRival(volume, one))!;
      // as a disk leaves them that lost writes: a leaf, the top block, the root tree's block
      for (const logical of [leaf.logical, root.logical, volume.requireRoot(1).logical]) {
        rewrite(volume, logical, (bytes) => new DataView(bytes.buffer).setUint32(80, 3, true));
      }
      for (const { treeRoot } of volume.superblock.backupRoots) {
        if (treeRoot !== volume.superblock.root) destroy(volume, treeRoot);
      }
    });
    const found = openRescue([image]);
    const { subvolume, lost } = found.open(257);
    expect(lost.map(({ reason }) => reason)).toEqual([expect.stringContaining('generation')]);
    expect(lost[0]!.leavesFound).toBeGreaterThan(2);
    const target = join(out, 'generations');
    expect(lossesOf({ report: copyOut(subvolume, lost, target) })).toEqual([]);
    expect(differences(target)).toEqual([]);
    found.close();
  });

  test('inode items are gone: names and data, which stand in other items, come out', () => {
    const gone: string[] = [];
    damage((volume) => {
      const snapshot = openSubvolume(volume, 257);
      const slots = new Map<number, number[]>();
      for (const { path, inode, type, sizeBytes } of listFiles(snapshot)) {
        const name = Buffer.from(path).toString('latin1');
        // without an inode nothing is left of a file without extents
        if (!/^[ -~]+$/.test(name) || name === 'extents/all-hole') continue;
        if (!(type === 2 || (type === 1 && sizeBytes! > 10_000))) continue;
        const cursor = snapshot.cursor();
        cursor.seek(inode, 1, 0);
        if (cursor.slot === 0) continue; // its parent has this key
        gone.push(name);
        slots.set(cursor.node.logical, [...(slots.get(cursor.node.logical) ?? []), cursor.slot]);
      }
      // another type of item, which nothing reads
      for (const [logical, at] of slots) {
        rewrite(volume, logical, (bytes) =>
          at.forEach((slot) => bytes.set([2], 101 + slot * 25 + 8)),
        );
      }
    });
    const result = rescue('inodes');
    expect(gone.length).toBeGreaterThan(20);
    const told = result.report.losses.filter(({ what }) => what === 'properties');
    expect(told.map(({ path }) => Buffer.from(path).toString('latin1'))).toEqual(
      expect.arrayContaining(gone),
    );
    const { except, ignore } = plainCopy;
    const others = compareTrees(`${fs.dir}/snap`, result.target, { except, ignore }).filter(
      ({ path }) => !gone.includes(path),
    );
    expect(others).toEqual([]);
    for (const path of gone) {
      const [original, copy] = [join(fs.dir, 'snap', path), join(result.target, path)];
      if (!lstatSync(original).isFile()) continue;
      const [content, found] = [readFileSync(original), readFileSync(copy)];
      const length = Math.min(content.length, found.length);
      expect(found.subarray(0, length).equals(content.subarray(0, length)), path).toBe(true);
      // where a file ends its extents do not say, only where its data does
      const rest = Buffer.concat([content.subarray(length), found.subarray(length)]);
      expect(rest.equals(Buffer.alloc(rest.length)), path).toBe(true);
    }
  });

  test('numbers in the superblock that nothing hangs on may be absurd', () => {
    const bytes = readFileSync(image).subarray(65536, 65536 + 4096);
    const superblock = Buffer.from(bytes);
    superblock.writeBigUInt64LE(0xb876_5432_1012_3456n, 120); // bytes used
    superblock.writeBigUInt64LE(0xb876_5432_1012_3456n, 201 + 16); // of the device
    damage((volume) => superblock.set(volume.checksum.compute(superblock.subarray(32))));
    const fd = openSync(image, 'r+');
    writeSync(fd, superblock, 0, superblock.length, 65536);
    closeSync(fd);
    const volume = openVolume([image]);
    expect(openSubvolume(volume, 257).id).toBe(257);
    volume.close();
    expect(lossesOf(rescue('superblock-numbers'))).toEqual([]);
  });

  test('everything comes out: each subvolume in its place, snapshots when asked for', () => {
    const found = openRescue([image]);
    const target = join(out, 'all');
    const { subvolumes, failed, leftOut } = copyAll(found, target);
    expect(subvolumes.map(({ info }) => info.id)).toEqual([5, 256]);
    expect([failed.length, leftOut.map(({ id }) => id)]).toEqual([0, [257]]);
    const { except, ignore } = plainCopy;
    expect(compareTrees(`${fs.dir}/data`, join(target, 'data'), { except, ignore })).toEqual([]);
    const all = join(out, 'with-snapshots');
    expect(copyAll(found, all, () => true).subvolumes.length).toBe(3);
    expect(compareTrees(`${fs.dir}/snap`, join(all, 'snap'), { except, ignore })).toEqual([]);
    const listed = [...listFiles(found.open(257).subvolume)];
    expect(listed.every(({ problem }) => problem === null)).toBe(true);
    expect(listed.map(({ path }) => Buffer.from(path).toString())).toContain('victim');
    found.close();
  });

  test('data is gone: zeros in the copy, the range in the report', () => {
    damage((volume) => {
      const { inode } = lookup(openSubvolume(volume, 257), bytes('victim'));
      const { diskLogical } = statInode(openSubvolume(volume, 257), inode)!.extents[0]!;
      overwrite(volume.chunks.place(diskLogical + 40_960, 0).physical, 8192);
    });
    const result = rescue('data');
    expect(lossesOf(result)).toEqual(['data victim']);
    expect(result.report.losses.find(({ what }) => what === 'data')).toMatchObject({
      offset: 40_960,
      lengthBytes: 8192,
    });
    const expected = readFileSync(`${fs.dir}/snap/victim`).fill(0, 40_960, 49_152);
    expect(readFileSync(join(result.target, 'victim')).equals(expected)).toBe(true);
    expect(differences(result.target)).toEqual(['victim content']);
  });

  test('an empty folder will do as the target, one with something in it will not', () => {
    const found = openRescue([image]);
    const { subvolume, lost } = found.open(257);
    const target = mkdtempSync(join(out, 'empty-'));
    expect(copyOut(subvolume, lost, target).files).toBeGreaterThan(100);
    expect(() => copyOut(subvolume, lost, target)).toThrow(
      expect.objectContaining({ kind: 'Conflict', code: 'rescue-target-exists' }),
    );
    found.close();
  });

  test('a block that names one child again and again is gone through once', () => {
    damage((volume) => {
      const { root } = openSubvolume(volume, 257);
      const node = volume.node(root.logical, root);
      rewrite(volume, root.logical, (bytes) => {
        const first = bytes.slice(101 + 17, 101 + 33);
        for (let slot = 0; slot < node.itemCount; slot += 1) bytes.set(first, 101 + slot * 33 + 17);
      });
      expect(node.itemCount).toBeGreaterThan(2);
    });
    const result = rescue('circle');
    expect(result.report.files).toBeGreaterThan(0);
    expect(lossesOf(result).length).toBeGreaterThan(0);
  });

  test('not a btrfs at all', () => {
    writeFileSync(image, Buffer.alloc(10_000_000));
    expect(() => openRescue([image])).toThrow(
      expect.objectContaining({ kind: 'Corrupt', code: 'nothing-to-rescue' }),
    );
  });
});
