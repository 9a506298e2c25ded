import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TREE } from '../../main/engine/format/constants.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';

describeKernel('rescue by a root that is not the newest', () => {
  // All was well, and the exit code 0, although the last files were missing.
  test('says what it cannot have, and ends with 1', async () => {
    await withBtrfs({ sizeMiB: 128 }, (fs) => {
      for (let i = 0; i < 4; i += 1) {
        writeFileSync(`${fs.dir}/file-${i}`, `written ${i}`);
        fs.sync();
      }
      fs.unmount();
      const [image] = fs.images as [string];
      const volume = openVolume([image]);
      const { logical } = volume.requireRoot(TREE.root);
      const { generation, nodeSize, chunks } = volume;
      const fd = openSync(image, 'r+');
      for (let rank = 0; rank < chunks.copyCount(logical); rank += 1) {
        writeSync(
          fd,
          Buffer.alloc(nodeSize, 0x5a),
          0,
          nodeSize,
          chunks.place(logical, rank).physical,
        );
      }
      closeSync(fd);
      volume.close();
      const { status, stdout, stderr } = dendro(['rescue', '--list', image]);
      expect(String(stderr)).toMatch(
        new RegExp(`written after generation \\d+, up to ${generation}, is not in it`),
      );
      expect(String(stdout)).toContain('file-1');
      expect(status).toBe(1);
    });
  });
});
