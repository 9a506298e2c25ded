import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SPAN, Spans } from '../../main/engine/diff/spans.ts';
import { DataSource } from '../../main/engine/stream/data-source.ts';
import { Pieces } from '../../main/engine/stream/pieces.ts';
import { openVolume, type Volume } from '../../main/engine/volume/index.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';

const BYTES = 65_536;
const FIRST_TREE = 256;

describeKernel('data that is read ahead', () => {
  // What had taken its place was right by the checksums of then, and was sent.
  test('is read again where its tree has moved on before it was held against its checksums', () =>
    readAhead('live', (volume, commit) => {
      volume.verifyData = (_logical, length, target, at) => {
        target.fill(0xee, at, at + length);
        commit();
        return 'verified';
      };
    }));

  test('is kept where only others have moved on', () =>
    readAhead('other', (volume, commit) => {
      const verify = volume.verifyData.bind(volume);
      volume.verifyData = (...data) => {
        commit();
        return verify(...data);
      };
      volume.readData = () => {
        throw new Error('is not to be read again');
      };
    }));

  /**
   * Reads a file ahead.
   * @param changed the subvolume that a `commit`, which the volume moves on to, changes
   */
  async function readAhead(
    changed: 'live' | 'other',
    prepare: (volume: Volume, commit: () => void) => void,
  ): Promise<void> {
    await withBtrfs({ sizeMiB: 256 }, ({ dir, devices }) => {
      for (const name of ['live', 'other']) {
        run('btrfs', ['-q', 'subvolume', 'create', `${dir}/${name}`]);
      }
      const path = `${dir}/live/file`;
      writeFileSync(path, new Random(1).bytes(BYTES));
      run('sync', ['-f', path]);
      const volume = openVolume(devices);
      const commit = (): void => {
        writeFileSync(`${dir}/${changed}/more`, 'more');
        run('sync', ['-f', path]);
        expect(volume.refresh()).toBe(true);
      };
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
        prepare(volume, commit);
        const source = new DataSource(volume, root);
        source.begin(ino, true);
        source.announce([piece!]);
        const stored = source.stored(piece!, piece!.offset, BYTES, BYTES);
        expect(readFileSync(path).equals(stored)).toBe(true);
        source.close();
      } finally {
        volume.close();
      }
    });
  }
});
