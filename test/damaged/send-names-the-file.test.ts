import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openVolume } from '../../main/engine/volume/index.ts';
import { dendro } from '../cli/dendro.ts';
import { fileExtents } from '../harness/extents.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';

const BLOCK = 4096;
const BAD = 100 * BLOCK;

describeKernel('a send that meets bad data', () => {
  // It named a number of the filesystem's own, and where the extent begins.
  test.each([
    ['noatime', BAD],
    // of compressed data all of an extent is lost: 128 KiB of the file
    ['compress-force=zstd', BAD - (BAD % 131_072)],
  ])('names the file and the place in it, %s', async (mountOptions, offset) => {
    await withBtrfs({ mountOptions }, (fs) => {
      mkdirSync(`${fs.dir}/some/folder`, { recursive: true });
      const file = `${fs.dir}/some/folder/a \u{1b} file`;
      writeFileSync(file, new Random(1).text(1_000_000));
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', fs.dir, `${fs.dir}/a`]);
      spoil(fs.images[0]!, addressOf(file, offset, mountOptions === 'noatime'));
      fs.unmount();
      for (const version of [[], ['--proto', '2', '--compressed-data']]) {
        const { status, stderr } = dendro(['send', '-q', ...version, `${fs.images[0]!}:/a`]);
        expect([status, stderr]).toEqual([1, expect.stringContaining('Data is bad')]);
        expect(stderr).toMatch(/path some\/folder\/a .* file/);
        expect(stderr).not.toContain('\u{1b}');
        expect(stderr).toContain(`offset ${offset}`);
      }
    });
  });
});

/** On the volume, of this byte; of compressed data, of the extent that begins there. */
function addressOf(file: string, offset: number, isPlain: boolean): number {
  const fd = openSync(file, 'r');
  const extent = fileExtents(fd).findLast(({ logical }) => logical <= offset)!;
  closeSync(fd);
  return extent.physical + (isPlain ? offset - extent.logical : 0);
}

function spoil(image: string, logical: number): void {
  const volume = openVolume([image]);
  const { physical } = volume.chunks.place(logical, 0);
  volume.close();
  const fd = openSync(image, 'r+');
  writeSync(fd, new Random(2).bytes(BLOCK), 0, BLOCK, physical);
  closeSync(fd);
}
