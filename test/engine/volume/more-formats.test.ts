import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEY, SUPERBLOCK_OFFSETS, TREE } from '../../../main/engine/format/constants.ts';
import { HEADER, ITEM, ROOT_ITEM, SUPERBLOCK } from '../../../main/engine/format/layouts.ts';
import { readSpaceBill, readUsage, verifyVolume } from '../../../main/engine/inspect/index.ts';
import { openSubvolume } from '../../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../../main/engine/volume/index.ts';
import { fillTree } from '../../harness/fill.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs } from '../../harness/loop.ts';
import { run, runText } from '../../harness/run.ts';
import { ioctl } from '../../harness/syscalls.ts';
import { describeByKernel, describeByReader } from '../describe.ts';

/** BTRFS_IOC_QUOTA_CTL and its command for simple quotas (Linux 6.7; linux/btrfs.h). */
const QUOTA_CTL = 0xc0109428;
const ENABLE_SIMPLE = 4n;
const FEATURE_SIMPLE_QUOTA = 16n;
/** BTRFS_FEATURE_COMPAT_RO_BLOCK_GROUP_TREE. */
const BLOCK_GROUP_TREE = 1n << 3n;

interface Item {
  readonly key: Uint8Array;
  readonly data: Uint8Array;
}

describeKernel('formats that mkfs here does not make', () => {
  test('simple quotas: extents that name their owner', async () => {
    await withBtrfs({}, (fs) => {
      const fd = openSync(fs.dir, 'r');
      ioctl(fd, QUOTA_CTL, Buffer.from(BigUint64Array.of(ENABLE_SIMPLE, 0n).buffer), 'QUOTA_CTL');
      closeSync(fd);
      run('btrfs', ['subvolume', 'create', `${fs.dir}/data`]);
      fillTree(`${fs.dir}/data`, { files: 50 });
      run('btrfs', ['subvolume', 'snapshot', '-r', `${fs.dir}/data`, `${fs.dir}/snap`]);
      writeFileSync(`${fs.dir}/data/later`, 'x'.repeat(100_000));
      fs.sync();
      const kernel = describeByKernel(`${fs.dir}/snap`);
      const mounted = openVolume([fs.device]);
      expect((mounted.superblock.incompatFlags >> FEATURE_SIMPLE_QUOTA) & 1n).toBe(1n);
      expect(describeByReader(openSubvolume(mounted, Buffer.from('snap')))).toEqual(kernel);
      mounted.close();
      fs.unmount();
      const volume = openVolume([fs.images[0]!]);
      expect(describeByReader(openSubvolume(volume, Buffer.from('snap')))).toEqual(kernel);
      expect(verifyVolume(volume).damages).toEqual([]);
      expect(readSpaceBill(volume).subvolumes.length).toBe(3);
      volume.close();
    });
  });

  test('a block group tree: made by hand, mounted by the kernel', async () => {
    await withBtrfs({}, (fs) => {
      fillTree(fs.dir, { files: 50 });
      fs.unmount();
      const volume = openVolume([fs.images[0]!]);
      addBlockGroupTree(volume);
      volume.close();
      fs.mount('ro');
      expect(runText('btrfs', ['inspect-internal', 'dump-super', fs.device])).toMatch(
        /compat_ro_flags\s+0xb/,
      );
      const kernel = describeByKernel(fs.dir);
      const now = openVolume([fs.device]);
      expect(now.root(TREE.blockGroup)).toBeDefined();
      expect(describeByReader(openSubvolume(now, 5))).toEqual(kernel);
      expect(verifyVolume(now).damages).toEqual([]);
      const lines = runText('btrfs', ['filesystem', 'df', '--raw', fs.dir]).split('\n');
      for (const { kind, profile, sizeBytes, usedBytes } of readUsage(now).groups) {
        const name = `${kind[0]!.toUpperCase()}${kind.slice(1)}, ${profile}`;
        expect(lines).toContain(`${name}: total=${sizeBytes}, used=${usedBytes}`);
      }
      now.close();
    });
  });

  // The hint was to mount it with a kernel that knows the feature: there is none.
  test.each([
    [35, 'an unfinished change of its UUID'],
    [38, 'an unfinished conversion of the block group tree'],
    [39, 'an unfinished conversion of data checksums'],
  ])('a conversion that was cut short, superblock flag %i', async (bit, name) => {
    await withBtrfs({ mount: false }, (fs) => {
      const volume = openVolume([fs.images[0]!]);
      setBits(volume, SUPERBLOCK.at.flags, 1n << BigInt(bit));
      volume.close();
      expect(run('mount', [fs.device, fs.dir], { accept: [0, 32] }).status).toBe(32);
      expect(() => openVolume([fs.images[0]!])).toThrow(
        expect.objectContaining({
          code: 'unsupported-feature',
          message: expect.stringContaining(name),
          hint: expect.stringContaining('btrfstune'),
        }),
      );
    });
  });
});

/** Moves the block group items into a tree of their own, in one free block. */
function addBlockGroupTree(volume: Volume): void {
  const groups: Item[] = [];
  const extents = volume.cursor(TREE.extent);
  for (extents.seek(0, 0, 0); extents.valid; extents.next()) {
    if (extents.type === KEY.blockGroupItem) groups.push(itemAt(extents.node, extents.slot));
  }
  const logical = freeBlock(volume);
  const root = volume.requireRoot(TREE.root);
  const leaf = volume.node(root.logical, root);
  expect(leaf.level).toBe(0);
  const items = Array.from({ length: leaf.itemCount }, (_, slot) => itemAt(leaf, slot));
  const model = items.find(({ key }) => key[0] === TREE.freeSpace && key[8] === KEY.rootItem)!;
  const data = Uint8Array.from(model.data);
  const view = new DataView(data.buffer);
  view.setBigUint64(ROOT_ITEM.at.logical, BigInt(logical), true);
  view.setBigUint64(ROOT_ITEM.at.generation, BigInt(volume.generation), true);
  view.setBigUint64(ROOT_ITEM.at.generationV2, BigInt(volume.generation), true);
  data[ROOT_ITEM.at.level] = 0;
  const key = Uint8Array.from(model.key);
  key[0] = TREE.blockGroup;
  items.splice(items.indexOf(model) + 1, 0, { key, data });
  write(volume, root.logical, leafOf(volume, root.logical, TREE.root, items));
  write(volume, logical, leafOf(volume, logical, TREE.blockGroup, groups));
  setBits(volume, SUPERBLOCK.at.compatReadOnlyFlags, BLOCK_GROUP_TREE);
}

/** Sets bits of a 64-bit field in the superblocks. */
function setBits(volume: Volume, place: number, bits: bigint): void {
  for (const at of SUPERBLOCK_OFFSETS.slice(0, 2)) {
    const bytes = new Uint8Array(4096);
    volume.members.all[0]!.device.read(at, 4096, bytes, 0);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(place, view.getBigUint64(place, true) | bits, true);
    bytes.set(volume.checksum.compute(bytes.subarray(32)));
    writeAt(volume.members.all[0]!.device.name, at, bytes);
  }
}

function itemAt(node: ReturnType<Volume['node']>, slot: number): Item {
  const at = HEADER.size + slot * ITEM.size;
  return { key: node.bytes.slice(at, at + 17), data: Uint8Array.from(node.data(slot)) };
}

/** The last block of the metadata chunk: a new filesystem fills it from the front. */
function freeBlock(volume: Volume): number {
  const chunk = volume.chunks.map.chunks.find(({ type }) => (type & 4) !== 0)!;
  const logical = chunk.logical + chunk.length - volume.nodeSize;
  const cursor = volume.cursor(TREE.extent);
  expect(cursor.seek(logical, 0, 0) && cursor.objectId === logical).toBe(false);
  return logical;
}

function leafOf(
  volume: Volume,
  logical: number,
  owner: number,
  items: readonly Item[],
): Uint8Array {
  const model = volume.node(volume.requireRoot(TREE.root).logical, {});
  const bytes = new Uint8Array(volume.nodeSize);
  bytes.set(model.bytes.subarray(0, HEADER.size));
  const view = new DataView(bytes.buffer);
  HEADER.write(view, 0, {
    logical,
    owner,
    level: 0,
    itemCount: items.length,
    generation: volume.generation,
  });
  let end = volume.nodeSize - HEADER.size;
  items.forEach(({ key, data }, slot) => {
    end -= data.length;
    ITEM.write(view, HEADER.size + slot * ITEM.size, {
      key,
      dataOffset: end,
      dataSize: data.length,
    });
    bytes.set(data, HEADER.size + end);
  });
  bytes.set(volume.checksum.compute(bytes.subarray(32)));
  return bytes;
}

function write(volume: Volume, logical: number, bytes: Uint8Array): void {
  for (let rank = 0; rank < volume.chunks.copyCount(logical); rank += 1) {
    const { device, physical } = volume.chunks.place(logical, rank);
    writeAt(device, physical, bytes);
  }
}

function writeAt(path: string, at: number, bytes: Uint8Array): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}
