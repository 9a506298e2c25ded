import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SPAN, Spans } from '../../main/engine/diff/spans.ts';
import { DataSource } from '../../main/engine/stream/data-source.ts';
import { Pieces } from '../../main/engine/stream/pieces.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';

const BYTES = 65_536;
const FIRST_TREE = 256;

describeKernel('data that is read ahead', () => {
  // What had taken its place was right by the checksums of then, and was sent.
  test('is read again where the volume has moved on before it was held against its checksums', async () => {
    await withBtrfs({ sizeMiB: 256 }, ({ dir, devices }) => {
      run('btrfs', ['-q', 'subvolume', 'create', `${dir}/live`]);
      const path = `${dir}/live/file`;
      writeFileSync(path, new Random(1).bytes(BYTES));
      run('sync', ['-f', path]);
      const volume = openVolume(devices);
      try {
        const root = volume.requireRoot(FIRST_TREE);
        const spans = new Spans(volume, root);
        const { ino } = statSync(path);
        spans.seek(ino, 0);
        spans.step(BYTES);
        expect(spans.kind).toBe(SPAN.data);
        const pieces = new Pieces(volume.sectorSize);
        pieces.add(spans, 0, BYTES);
        const [piece] = pieces.take();
        const source = new DataSource(volume, root);
        source.begin(ino, true);
        source.announce([piece!]);
        volume.verifyData = (_logical, length, target, at) => {
          target.fill(0xee, at, at + length);
          volume.epoch += 1;
          return 'verified';
        };
        const stored = source.stored(piece!, piece!.offset, BYTES, BYTES);
        expect(readFileSync(path).equals(stored)).toBe(true);
        source.close();
      } finally {
        volume.close();
      }
    });
  });
});
