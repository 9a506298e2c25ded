import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEY, TREE } from '../../../main/engine/format/constants.ts';
import { ROOT_ITEM } from '../../../main/engine/format/layouts.ts';
import { readSpaceBill, verifyVolume } from '../../../main/engine/inspect/index.ts';
import { remainsOf } from '../../../main/engine/inspect/remains.ts';
import { openSubvolume, type Cursor } from '../../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../../main/engine/volume/index.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs, type TestBtrfs } from '../../harness/loop.ts';
import { run } from '../../harness/run.ts';

function fill(fs: TestBtrfs): void {
  run('btrfs', ['subvolume', 'create', `${fs.dir}/doomed`]);
  for (let i = 0; i < 10; i += 1) {
    mkdirSync(`${fs.dir}/doomed/${i}`);
    for (let j = 0; j < 200; j += 1) {
      writeFileSync(`${fs.dir}/doomed/${i}/${j}-${'n'.repeat(200)}`, 'x'.repeat(1500));
    }
  }
  fs.sync();
}

/** Writes a tree block in all its copies, its checksum made right. */
function rewrite(volume: Volume, logical: number, bytes: Uint8Array): void {
  bytes.set(volume.checksum.compute(bytes.subarray(32)));
  for (let rank = 0; rank < volume.chunks.copyCount(logical); rank += 1) {
    const { device, physical } = volume.chunks.place(logical, rank);
    const fd = openSync(device, 'r+');
    writeSync(fd, bytes, 0, bytes.length, physical);
    closeSync(fd);
  }
}

/**
 * The kernel deletes a subvolume bit by bit and leaves its pointers to freed blocks standing:
 * a look at all blocks once took these for damage, and the space bill failed.
 */
describeKernel('a subvolume whose deletion is not finished', () => {
  test('as the kernel leaves it when it is unmounted meanwhile', async () => {
    await withBtrfs({ sizeMiB: 512, mkfsArgs: ['-n', '4096'] }, (fs) => {
      for (let round = 0; round < 4; round += 1) {
        fill(fs);
        run('btrfs', ['subvolume', 'delete', '-c', `${fs.dir}/doomed`]);
        fs.unmount();
        const volume = openVolume([fs.images[0]!]);
        expect(verifyVolume(volume).damages).toEqual([]);
        expect(readSpaceBill(volume).totalBytes).toBeLessThan(volume.superblock.bytesUsed);
        volume.close();
        fs.mount();
      }
    });
  });

  test('freed blocks are no damage and take no room', async () => {
    await withBtrfs({ sizeMiB: 512, mkfsArgs: ['-n', '4096'] }, (fs) => {
      fill(fs);
      fs.unmount();
      const volume = openVolume([fs.images[0]!]);
      const before = readSpaceBill(volume).totalBytes;
      const { root } = openSubvolume(volume, 256);
      const top = volume.node(root.logical, root);
      // the third child of the second child of the top is the next to go
      const second = volume.node(top.childLogical(1), {
        level: top.level - 1,
        generation: top.childGeneration(1),
      });
      expect([top.level, second.level]).toEqual([2, 1]);
      const gone = [
        ...Array.from({ length: volume.node(top.childLogical(0), {}).itemCount }, (_, slot) =>
          volume.node(top.childLogical(0), {}).childLogical(slot),
        ),
        top.childLogical(0),
        second.childLogical(0),
        second.childLogical(1),
      ];
      const cursor: Cursor = volume.cursor(TREE.root);
      expect(cursor.seek(256, KEY.rootItem, 0)).toBe(true);
      const leaf = Uint8Array.from(cursor.node.bytes);
      const view = new DataView(leaf.buffer);
      view.setUint32(cursor.dataStart + ROOT_ITEM.at.references, 0, true);
      leaf.set(
        second.bytes.subarray(101 + 2 * 33, 101 + 2 * 33 + 17),
        cursor.dataStart + ROOT_ITEM.at.dropProgress,
      );
      leaf[cursor.dataStart + ROOT_ITEM.at.dropLevel] = 1;
      rewrite(volume, cursor.node.logical, leaf);
      // what is freed is given out again
      for (const logical of gone) rewrite(volume, logical, new Uint8Array(4096).fill(7));
      volume.close();
      const now = openVolume([fs.images[0]!]);
      expect(remainsOf(now, now.requireRoot(256)).pathBlocks).toBe(2);
      expect(verifyVolume(now).damages).toEqual([]);
      expect(readSpaceBill(now).totalBytes).toBe(before - gone.length * 4096);
      now.close();
    });
  });
});
