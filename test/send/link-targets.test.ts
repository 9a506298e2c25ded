import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { receive } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { HEADER } from '../../main/engine/format/layouts.ts';
import { checksumOf } from '../../main/engine/volume/checksum.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { describeKernel, onPath } from '../harness/kernel.ts';
import { withBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { errorOf } from '../receive/receive-harness.ts';
import { encode } from './round-trip.ts';

const NODE_SIZE = 16_384;

function streamOfSnapshot(source: TestBtrfs): Buffer {
  const volume = openVolume(source.devices);
  try {
    return encode(volume, 'snap', {});
  } finally {
    volume.close();
  }
}

describeKernel('targets of symbolic links', () => {
  // With the NUL that btrfs-convert adds, 4,095 bytes fill a block: they lie in an extent of their
  // own, which the kernel refuses to read (EUCLEAN). The stream had an empty target, which no
  // receiver takes.
  test.skipIf(!onPath('mkfs.ext4') || !onPath('btrfs-convert'))(
    'of 4,095 bytes, converted from ext4',
    async () => {
      await withBtrfs({ sizeMiB: 512, mount: false }, async (source) => {
        const target = 'x'.repeat(4095);
        run('mkfs.ext4', ['-q', '-F', '-b', '4096', source.device]);
        run('mount', [source.device, source.dir]);
        fs.symlinkSync(target, join(source.dir, 'link'));
        run('umount', [source.dir]);
        run('btrfs-convert', [source.device]);
        source.mount();
        run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', source.dir, join(source.dir, 'snap')]);
        source.sync();
        const stream = streamOfSnapshot(source);
        await withBtrfs({ sizeMiB: 256 }, ({ dir }) => {
          for (const folder of ['stock', 'ours']) fs.mkdirSync(join(dir, folder));
          run('btrfs', ['-q', 'receive', join(dir, 'stock')], { input: stream });
          receive({ source: bytesSource(stream), target: join(dir, 'ours') });
          for (const folder of ['stock', 'ours']) {
            expect(fs.readlinkSync(join(dir, folder, 'snap/link'))).toBe(target);
          }
        });
      });
    },
  );

  // What a damaged block says was sent as it stood: a stream that every receiver refuses.
  test('that a damaged block makes impossible are an error', async () => {
    const options = { mkfsArgs: ['-m', 'single', '-n', `${NODE_SIZE}`] };
    await withBtrfs(options, (source) => {
      run('btrfs', ['-q', 'subvolume', 'create', join(source.dir, 'snap')]);
      fs.symlinkSync('a target that will be damaged', join(source.dir, 'snap/link'));
      run('btrfs', ['property', 'set', join(source.dir, 'snap'), 'ro', 'true']);
      source.unmount();
      damage(source.images[0]!, Buffer.from('a target that will be damaged'));
      expect(errorOf(() => streamOfSnapshot(source))).toMatchObject({
        kind: 'Corrupt',
        code: 'symlink-damaged',
      });
    });
  });
});

/** Zeros in the place of `text` in every tree block, whose checksum is made right again. */
function damage(image: string, text: Buffer): void {
  const bytes = fs.readFileSync(image);
  const fsid = bytes.subarray(0x10000 + HEADER.at.fsid, 0x10000 + HEADER.at.fsid + 16);
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    let start = at - (at % 4096);
    while (
      !bytes
        .subarray(start + HEADER.at.fsid)
        .subarray(0, 16)
        .equals(fsid)
    )
      start -= 4096;
    bytes.fill(0, at, at + text.length);
    const block = bytes.subarray(start, start + NODE_SIZE);
    block.set(checksumOf(0).compute(block.subarray(HEADER.at.fsid)));
  }
  fs.writeFileSync(image, bytes);
}
