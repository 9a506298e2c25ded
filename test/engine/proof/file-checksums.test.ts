import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEY } from '../../../main/engine/format/constants.ts';
import { INODE_ITEM } from '../../../main/engine/format/layouts.ts';
import { fileChecksums } from '../../../main/engine/proof/file-checksums.ts';
import { openSubvolume } from '../../../main/engine/tree/index.ts';
import { openVolume } from '../../../main/engine/volume/index.ts';
import { itemsOf, leafOf, writeBlock } from '../../harness/forge-leaf.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs } from '../../harness/loop.ts';
import { run } from '../../harness/run.ts';

const SECTOR = 4096;

describeKernel('the checksums of a file', () => {
  // A RangeError ended the comparison: the filesystem may keep extents behind the end that a crash
  // left a file with, or that somebody made.
  test.each([
    ['whole', 20 * SECTOR, 20],
    ['that ends in an extent', 17 * SECTOR + 1, 18],
    ['that ends at an extent', 16 * SECTOR, 16],
    ['that ends before an extent', 3 * SECTOR, 3],
    ['that ends in the first extent', 1, 1],
  ])('%s', async (_, size, sectors) => {
    await withBtrfs({}, (fs) => {
      const path = `${fs.dir}/file`;
      writeFileSync(path, 'x'.repeat(2 * SECTOR));
      run('xfs_io', ['-c', `pwrite -S 0x78 ${16 * SECTOR} ${4 * SECTOR}`, path]);
      run('xfs_io', ['-c', `falloc -k ${40 * SECTOR} ${4 * SECTOR}`, path]);
      fs.unmount();
      const volume = openVolume([fs.images[0]!]);
      const { logical } = volume.requireRoot(5);
      const items = itemsOf(volume, logical);
      const inode = items.find(({ key, data }) => isInode(key) && sizeOf(data) === 20 * SECTOR)!;
      view(inode.data).setBigUint64(INODE_ITEM.at.size, BigInt(size), true);
      writeBlock(volume, logical, leafOf(volume, { logical, owner: 5 }, items));
      volume.close();
      const forged = openVolume([fs.images[0]!]);
      const number = Number(view(inode.key).getBigUint64(0, true));
      const found = fileChecksums(openSubvolume(forged, 5), number)!;
      const of = (content: string): string =>
        Buffer.from(forged.checksum.compute(Buffer.alloc(SECTOR, content)).subarray(0, 4)).toString(
          'hex',
        );
      const isData = (sector: number): boolean => sector < 2 || sector >= 16;
      const expected = Array.from({ length: sectors }, (_, i) => of(isData(i) ? 'x' : '\0'));
      expect(found.toString('hex')).toBe(expected.join(''));
      forged.close();
    });
  });
});

function isInode(key: Uint8Array): boolean {
  return key[8] === KEY.inodeItem;
}

function sizeOf(data: Uint8Array): number {
  return Number(view(data).getBigUint64(INODE_ITEM.at.size, true));
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
