import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEY } from '../../main/engine/format/constants.ts';
import { readPastDamage } from '../../main/engine/rescue/read-past-damage.ts';
import { lookup, openSubvolume, readInode } from '../../main/engine/tree/index.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { loadSubject, type Subject } from '../mutation/subject.ts';

const PIECE = 4096;
const PIECES = 400;

/** A file of many extents: each piece is written out before the next but one. */
function writeFragmented(path: string): Buffer {
  const content = Buffer.alloc(PIECES * PIECE, 'what can be read of it ');
  for (let i = 0; i < PIECES; i += 1) content.writeUInt32LE(i, i * PIECE);
  const fd = openSync(path, 'w');
  for (const first of [0, 1]) {
    for (let i = first; i < PIECES; i += 2) writeSync(fd, content, i * PIECE, PIECE, i * PIECE);
    fsyncSync(fd);
  }
  closeSync(fd);
  return content;
}

/** Spoils the second leaf that holds nothing but extents of the inode. */
function spoilLeaf(subject: Subject, inode: number): void {
  const volume = openVolume(subject.devices);
  const leaves = subject.blocks.filter(({ level, logical }) => {
    if (level > 0) return false;
    const node = volume.node(logical, {});
    const last = node.itemCount - 1;
    const isOf = (slot: number): boolean =>
      node.objectId(slot) === inode && node.type(slot) === KEY.extentData;
    return node.owner === 5 && last > 0 && isOf(0) && isOf(last);
  });
  expect(leaves.length).toBeGreaterThan(3);
  for (const { device, physical } of leaves[1]!.copies) {
    device.bytes.fill(0x5a, physical, physical + subject.nodeSize);
  }
  volume.close();
}

describeKernel('a file whose map has a bad block', () => {
  // Everything behind it was lost.
  test('loses what stood in that block, and nothing else', async () => {
    await withBtrfs({ sizeMiB: 128, mkfsArgs: ['-n', '4096'] }, (fs) => {
      const content = writeFragmented(`${fs.dir}/file`);
      fs.unmount();
      const subject = loadSubject('map', fs.images);
      const whole = openVolume(subject.devices);
      const { inode } = lookup(openSubvolume(whole, 5), Buffer.from('file'));
      whole.close();
      spoilLeaf(subject, inode);
      const volume = openVolume(subject.devices);
      const subvolume = openSubvolume(volume, 5);
      const read = Buffer.alloc(content.length);
      const lost: [number, number][] = [];
      const pieces = readPastDamage(subvolume, readInode(subvolume, inode)!, (offset, length) =>
        lost.push([offset, length]),
      );
      for (const { offset, data } of pieces) read.set(data, offset);
      volume.close();
      expect(lost).toHaveLength(1);
      const [offset, length] = lost[0]!;
      expect(length).toBeLessThan(content.length / 3);
      expect(offset).toBeGreaterThan(0);
      content.fill(0, offset, offset + length);
      expect(read.equals(content)).toBe(true);
    });
  });
});
