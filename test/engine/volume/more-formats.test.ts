import { closeSync, openSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEY, TREE } from '../../../main/engine/format/constants.ts';
import { ROOT_ITEM, SUPERBLOCK } from '../../../main/engine/format/layouts.ts';
import { readSpaceBill, readUsage, verifyVolume } from '../../../main/engine/inspect/index.ts';
import { openSubvolume } from '../../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../../main/engine/volume/index.ts';
import { fillTree } from '../../harness/fill.ts';
import {
  editSuperblocks,
  itemAt,
  itemsOf,
  leafOf,
  writeBlock,
  type Item,
} from '../../harness/forge-leaf.ts';
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
  const items = itemsOf(volume, root.logical);
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
  const place = { logical: root.logical, owner: TREE.root };
  writeBlock(volume, root.logical, leafOf(volume, place, items));
  writeBlock(volume, logical, leafOf(volume, { logical, owner: TREE.blockGroup }, groups));
  setBits(volume, SUPERBLOCK.at.compatReadOnlyFlags, BLOCK_GROUP_TREE);
}

/** Sets bits of a 64-bit field in the superblocks. */
function setBits(volume: Volume, place: number, bits: bigint): void {
  editSuperblocks(volume, (view) =>
    view.setBigUint64(place, view.getBigUint64(place, true) | bits, true),
  );
}

/** The last block of the metadata chunk: a new filesystem fills it from the front. */
function freeBlock(volume: Volume): number {
  const chunk = volume.chunks.map.chunks.find(({ type }) => (type & 4) !== 0)!;
  const logical = chunk.logical + chunk.length - volume.nodeSize;
  const cursor = volume.cursor(TREE.extent);
  expect(cursor.seek(logical, 0, 0) && cursor.objectId === logical).toBe(false);
  return logical;
}
