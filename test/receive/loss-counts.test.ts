// Each name of an attribute that could not be kept was counted apart, in the first line of the
// sidecar: one that was longer than what is read of it was no sidecar, and its tree no parent.
import { expect, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { LossReport } from '../../main/engine/sink/loss-report.ts';
import { attributeInSidecar, inSidecar } from '../../main/engine/sink/lost.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { describeKernel } from '../harness/kernel.ts';
import { FOREIGN, missingTool, mountForeign } from './foreign-filesystem.ts';
import { fullStream, streamOf, text, UUID } from './receive-harness.ts';

const exfat = FOREIGN.find(({ name }) => name === 'exfat')!;
const NAMES = 6_000;
const nameOf = (i: number): string => `user.${'n'.repeat(230)}.${i}`;

test('of names of attributes beyond a hundred the counts are one', () => {
  const losses = new LossReport();
  for (let i = 0; i < NAMES; i += 1) {
    losses.countOne(attributeInSidecar(nameOf(i % 1_000)));
    losses.countOne(inSidecar.owner);
  }
  expect(Object.keys(losses.counts).length).toBeLessThanOrEqual(102);
  expect(losses.counts['owner']).toBe(NAMES);
  expect(losses.counts[`attribute ${nameOf(0)}`]).toBe(NAMES / 1_000);
  expect(Object.values(losses.counts).reduce((sum, count) => sum + count, 0)).toBe(2 * NAMES);
  expect(losses.count).toBe(2 * NAMES);
});

describeKernel('thousands of names of attributes that the folder cannot have', () => {
  test.skipIf(missingTool(exfat))('an increment finds what it builds on', () => {
    const disk = mountForeign(exfat);
    try {
      const full = fullStream('first', (e) => {
        for (let i = 0; i < NAMES; i += 1) {
          e.mkfile(text(`file ${i}`), 257 + i);
          e.setXattr(text(`file ${i}`), text(nameOf(i)), text('value'));
        }
      });
      const increment = streamOf((e) => {
        e.snapshot(text('second'), Buffer.alloc(16, 2), 9, UUID, 7);
        e.removeXattr(text('file 0'), text(nameOf(0)));
        e.end();
      });
      for (const stream of [full, increment]) {
        const { folders } = receiveFolder({ source: bytesSource(stream), target: disk.dir });
        expect(folders.length).toBe(1);
      }
    } finally {
      disk.close();
    }
  });
});
