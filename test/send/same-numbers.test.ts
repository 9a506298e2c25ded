import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receive } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { createSnapshot, createSubvolume, makeDevice, mknod } from '../harness/syscalls.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { encode } from './round-trip.ts';

const CHARACTER_DEVICE = 0o020600;

/** Makes an inode by that name; all makers of a list get the same numbers in both lines. */
type Maker = (path: string) => void;

const link =
  (target: string): Maker =>
  (path) =>
    fs.symlinkSync(target, path);
const device =
  (minor: number): Maker =>
  (path) =>
    mknod(path, CHARACTER_DEVICE, makeDevice(1, minor));
const file =
  (content: string): Maker =>
  (path) =>
    fs.writeFileSync(path, content);
const folder =
  (child: string): Maker =>
  (path) => {
    fs.mkdirSync(path);
    fs.writeFileSync(join(path, child), child);
  };

/** What one line makes, and what the other one makes with the same number, generation and type. */
const PAIRS: readonly (readonly [Maker, Maker])[] = [
  [link('short'), link('another target')],
  [device(3), device(5)],
  [file('inline'), file('x'.repeat(50_000))],
  [folder('a'), folder('b')],
  [link('to nothing'), device(7)],
  [file('a file'), link('a link')],
];

describeKernel('two lines that use the same numbers in one transaction', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512, mountOptions: 'commit=300' });
    target = makeBtrfs({ sizeMiB: 512 });
    for (const line of ['left', 'right']) createSubvolume(join(source.dir, line));
    source.sync();
    PAIRS.forEach(([left, right], i) => {
      left(join(source.dir, 'left', `left-${i}`));
      right(join(source.dir, 'right', `right-${i}`));
      left(join(source.dir, 'left', `same-${i}`));
      right(join(source.dir, 'right', `same-${i}`));
    });
    for (const line of ['left', 'right']) {
      createSnapshot(join(source.dir, line), join(source.dir, `${line}-0`), true);
    }
    source.sync();
  });
  afterAll(() => {
    source.close();
    target.close();
  });

  test.each([
    ['left-0', 'right-0', 1],
    ['right-0', 'left-0', 2],
  ] as const)('%s becomes %s', (parent, snapshot, protocol) => {
    const number = (name: string, path: string): number =>
      fs.lstatSync(join(source.dir, name, path)).ino;
    expect(number('left-0', 'left-0')).toBe(number('right-0', 'right-0'));
    const volume = openVolume(source.devices);
    const streams = [
      encode(volume, parent, { protocol }),
      encode(volume, snapshot, { protocol, parent }),
    ];
    volume.close();
    for (const into of ['stock', 'ours'].map((name) => join(target.dir, `${name}-${protocol}`))) {
      fs.mkdirSync(into);
      for (const stream of streams) {
        if (into.includes('stock')) run('btrfs', ['-q', 'receive', into], { input: stream });
        else receive({ source: bytesSource(stream), target: into });
      }
      const found = compareTrees(join(source.dir, snapshot), join(into, snapshot), {
        except: ['flags'],
      });
      expect(showDifferences(found)).toEqual([]);
      for (const name of [parent, snapshot]) {
        run('btrfs', ['-q', 'subvolume', 'delete', join(into, name)]);
      }
    }
  });
});
