import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { countReaddirs } from '../harness/count-readdirs.ts';
import { describeKernel } from '../harness/kernel.ts';
import { FOREIGN, mountForeign } from './foreign-filesystem.ts';
import { streamOf, text } from './receive-harness.ts';

const NAMES = 300;
const TREES = 20;
const uuidOf = (tree: number): Buffer => Buffer.alloc(16, tree + 1);

function treeOf(tree: number): Uint8Array {
  return streamOf((e) => {
    e.subvol(text(`tree${tree}`), uuidOf(tree), 7);
    for (let i = 0; i < NAMES; i += 1) {
      e.mkfile(text(`file${i}`), i + 300);
      e.write(text(`file${i}`), 0, text(`${tree}-${i}`.padEnd(16)));
      e.chown(text(`file${i}`), 1000, 1000);
    }
    e.end();
  });
}

describeKernel('what is cloned from other trees', () => {
  // All that is remembered of the other tree was read again for each clone: 200 of them took 28 s where
  // it has 6,000 names; and its file of names stayed open each time, until there were too many.
  test('is read once for each tree, not for each clone', () => {
    const disk = mountForeign(FOREIGN[0]!);
    onTestFinished(() => disk.close());
    const receive = (stream: Uint8Array) =>
      receiveFolder({
        ...{ source: bytesSource(stream), target: disk.dir },
        mapOwner: () => [0, 0],
      });
    for (let tree = 0; tree < TREES; tree += 1) receive(treeOf(tree));
    const clone = (e: StreamEncoder, name: string, tree: number, i: number): void => {
      e.mkfile(text(name), i + 9000);
      e.clone(text(name), 0, 16, uuidOf(tree), 7, text(`file${i}`), 0);
    };
    const stream = streamOf((e) => {
      e.snapshot(text('next'), Buffer.alloc(16, 99), 8, uuidOf(0), 7);
      for (let i = 0; i < NAMES; i += 1) clone(e, `of${i % 2}-${i}`, i % 2, i);
      for (let tree = 0; tree < TREES; tree += 1) clone(e, `once-${tree}`, tree, tree);
      clone(e, 'again', 0, 5);
      e.end();
    });
    const count = countReaddirs(() => receive(stream));
    expect(count).toBeLessThan(3 * TREES);
    const read = (name: string): string => readFileSync(`${disk.dir}/next/${name}`, 'utf8').trim();
    expect([read('of1-151'), read('of0-40'), read('again')]).toEqual(['1-151', '0-40', '0-5']);
    for (let tree = 0; tree < TREES; tree += 1) {
      expect(read(`once-${tree}`)).toBe(`${tree}-${tree}`);
    }
  });
});
