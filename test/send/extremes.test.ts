import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { receive } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { describeKernel } from '../harness/kernel.ts';
import { Random } from '../harness/random.ts';
import type { BtrfsOptions } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { cloneRange, exchange, linkOpenFile, setTimes, setXattr } from '../harness/syscalls.ts';
import { dump, RoundTrip } from './round-trip.ts';
import { Stage, type Step } from './scenario.ts';

const random = new Random(21);
const EXTENTS = 100_000;
const SLOW_MS = 600_000;

/** Source and target alike. */
function withTrip(options: BtrfsOptions, body: (trip: RoundTrip) => void): void {
  const trip = new RoundTrip(options, options);
  try {
    body(trip);
  } finally {
    trip.close();
  }
}

describeKernel('question 2: very many extents', () => {
  test('a file of 100,000 extents, full and as an increment', { timeout: SLOW_MS }, () => {
    withTrip({ sizeMiB: 2048 }, (trip) => {
      const block = random.bytes(4096);
      const fd = fs.openSync(`${trip.work}/file`, 'wx');
      for (let i = 0; i < EXTENTS; i++) {
        block.writeUInt32LE(i, 0);
        fs.writeSync(fd, block, 0, 4096, 8192 * i);
      }
      trip.snapshot('a');
      for (let i = 0; i < EXTENTS; i += 50) {
        block.writeUInt32LE(i, 4);
        fs.writeSync(fd, block, 0, 4096, 8192 * i + 4096 * (i % 100 === 0 ? 0 : 1));
      }
      fs.closeSync(fd);
      trip.snapshot('b');
      trip.receive(trip.stream('a'));
      const increment = trip.stream('b', { parent: 'a' });
      expect(increment.length).toBeLessThan(2000 * 4300);
      trip.receive(increment);
      expect(trip.differences('a')).toEqual([]);
      expect(trip.differences('b')).toEqual([]);
    });
  });
});

describeKernel('question 6: the largest attributes', () => {
  test.each([4096, 16_384, 65_536])('as large as a leaf of %i bytes can hold', (nodeSize) => {
    withTrip({ mkfsArgs: ['-n', `${nodeSize}`] }, (trip) => {
      const deep = join(trip.work, ...Array.from({ length: 8 }, () => 'd'.repeat(200)));
      fs.mkdirSync(deep, { recursive: true });
      fs.writeFileSync(`${deep}/f`, 'f');
      // header 101, item 25, name entry 30, the name itself
      const limit = Math.min(65_536, nodeSize - 101 - 25 - 30 - 'user.x'.length);
      setXattr(`${deep}/f`, 'user.x', random.bytes(limit));
      expect(() => setXattr(`${deep}/f`, 'user.x', random.bytes(limit + 1))).toThrow();
      trip.snapshot('a');
      setXattr(`${deep}/f`, 'user.x', random.bytes(limit - 1));
      trip.snapshot('b');
      trip.receive(trip.stream('a'));
      trip.receive(trip.stream('b', { parent: 'a' }));
      expect(trip.differences('b')).toEqual([]);
    });
  });
});

describeKernel('question 7: names at their limits', () => {
  test('thousands of links to one inode', { timeout: SLOW_MS }, () => {
    withTrip({}, (trip) => {
      const dir = trip.work;
      for (const name of ['d', 'e']) fs.mkdirSync(`${dir}/${name}`);
      fs.writeFileSync(`${dir}/hub`, 'hub');
      for (let i = 0; i < 3000; i++) fs.linkSync(`${dir}/hub`, `${dir}/d/link-${i}`);
      trip.snapshot('a');
      for (let i = 0; i < 3000; i += 2) fs.renameSync(`${dir}/d/link-${i}`, `${dir}/e/link-${i}`);
      for (let i = 1; i < 3000; i += 6) fs.rmSync(`${dir}/d/link-${i}`);
      fs.renameSync(`${dir}/d`, `${dir}/e/d`);
      trip.snapshot('b');
      trip.receive(trip.stream('a'));
      trip.receive(trip.stream('b', { parent: 'a' }));
      expect(trip.differences('b')).toEqual([]);
    });
  });

  test('files that have the very names that a temporary name would take', () => {
    withTrip({}, (trip) => {
      for (const name of ['x', 'y']) fs.mkdirSync(`${trip.work}/${name}`);
      trip.snapshot('a');
      exchange(`${trip.work}/x`, `${trip.work}/y`);
      trip.snapshot('b');
      const plain = dump(trip.stream('b', { parent: 'a' }));
      const [, number, generation] = /\/o(\d+)-(\d+)-0\b/.exec(plain)!;
      fs.writeFileSync(`${trip.work}/o${number}-${generation}-0`, 'taken in the new tree');
      trip.snapshot('c');
      fs.mkdirSync(`${trip.work}/o${number}-${generation}-1`);
      fs.rmSync(`${trip.work}/o${number}-${generation}-0`);
      trip.snapshot('d');
      exchange(`${trip.work}/x`, `${trip.work}/y`);
      trip.snapshot('e');
      trip.receive(trip.stream('a'));
      trip.receive(trip.stream('c', { parent: 'a' }));
      expect(trip.differences('c')).toEqual([]);
      trip.receive(trip.stream('d', { parent: 'c' }));
      trip.receive(trip.stream('e', { parent: 'd' }));
      expect(trip.differences('e')).toEqual([]);
      // From the one that holds the name to the one that does not, over a swap.
      trip.drop('a');
      trip.receive(trip.stream('a', { parent: 'c' }));
      expect(trip.differences('a')).toEqual([]);
    });
  });
});

describeKernel('question 4: inodes without links', () => {
  const held: number[] = [];
  const temporary: Step = (dir) => {
    const O_TMPFILE = 0o20200000;
    const fd = fs.openSync(dir, O_TMPFILE | fs.constants.O_RDWR, 0o600);
    fs.writeSync(fd, random.bytes(10_000));
    held.push(fd);
  };
  const stage = new Stage();
  stage.arrives('on both sides, and one that is given a name later', [
    (dir, disk) => {
      temporary(dir, disk);
      fs.writeFileSync(`${dir}/goes`, 'goes');
      held.push(fs.openSync(`${dir}/goes`, 'r'));
      fs.rmSync(`${dir}/goes`);
    },
    (dir) => {
      linkOpenFile(held[0]!, `${dir}/named`);
      fs.writeFileSync(`${dir}/goes`, 'another');
    },
    (dir, disk) => {
      held.push(fs.openSync(`${dir}/named`, 'r'));
      fs.rmSync(`${dir}/named`);
      temporary(dir, disk);
      for (const fd of held.splice(0)) fs.closeSync(fd);
    },
  ]);
});

describeKernel('question 1: only a little', () => {
  const stage = new Stage();
  stage.arrives('one attribute, one time, nothing', [
    (dir) => fs.writeFileSync(`${dir}/f`, random.bytes(100_000)),
    (dir) => setXattr(`${dir}/f`, 'user.only', Buffer.from('this')),
    (dir) => setTimes(`${dir}/f`, 1n, 2n),
    (dir) => setTimes(`${dir}/f`, 1n, 2n),
    (dir) => setTimes(dir, 3n, 4n),
  ]);
});

describeKernel('snapshots that have little to do with each other', () => {
  test('one subvolume is the parent of another', () => {
    withTrip({}, (trip) => {
      const other = trip.at('other');
      run('btrfs', ['-q', 'subvolume', 'create', other]);
      for (const dir of [trip.work, other]) {
        fs.mkdirSync(`${dir}/a/b`, { recursive: true });
        fs.writeFileSync(`${dir}/a/f`, random.bytes(50_000));
        fs.symlinkSync('a', `${dir}/link`);
      }
      fs.renameSync(`${other}/a/b`, `${other}/b`);
      fs.renameSync(`${other}/a`, `${other}/b/a`);
      fs.rmSync(`${other}/link`);
      fs.mkdirSync(`${other}/link`);
      trip.snapshot('s');
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', other, trip.at('t')]);
      trip.receive(trip.stream('s'));
      trip.receive(trip.stream('t', { parent: 's' }));
      expect(trip.differences('t')).toEqual([]);
      trip.drop('s');
      trip.receive(trip.stream('s', { parent: 't' }));
      expect(trip.differences('s')).toEqual([]);
    });
  });

  test('a snapshot of a snapshot, sent as the parent of its origin', () => {
    withTrip({}, (trip) => {
      fs.writeFileSync(`${trip.work}/f`, random.bytes(70_001));
      trip.snapshot('a');
      run('btrfs', ['-q', 'subvolume', 'snapshot', trip.at('a'), trip.at('w')]);
      fs.truncateSync(join(trip.at('w'), 'f'), 9001);
      fs.writeFileSync(join(trip.at('w'), 'g'), 'g');
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', trip.at('w'), trip.at('b')]);
      trip.receive(trip.stream('b'));
      trip.receive(trip.stream('a', { parent: 'b' }));
      expect(trip.differences('a')).toEqual([]);
    });
  });
});

describeKernel('question 9: data that became shared later', () => {
  test('by deduplication within a snapshot and across snapshots, with unaligned ends', () => {
    withTrip({}, (trip) => {
      const content = random.bytes(300_001);
      for (const name of ['a', 'b']) fs.writeFileSync(`${trip.work}/${name}`, content);
      trip.snapshot('s0');
      fs.writeFileSync(`${trip.work}/c`, content);
      trip.source.sync();
      const from = fs.openSync(join(trip.at('s0'), 'a'), 'r');
      for (const name of ['b', 'c']) {
        const to = fs.openSync(`${trip.work}/${name}`, 'r+');
        cloneRange(from, 0, 0, to, 0);
        fs.closeSync(to);
      }
      fs.closeSync(from);
      trip.snapshot('s1');
      trip.receive(trip.stream('s0'));
      const stream = trip.stream('s1', { parent: 's0' });
      // The last block of c is cloned with it: both files end there.
      expect(stream.length).toBeLessThan(2000);
      trip.receive(stream);
      expect(trip.differences('s1')).toEqual([]);
    });
  });
});

describeKernel('files that are special to the kernel', () => {
  test('a swapfile, and one that was one', () => {
    withTrip({}, (trip) => {
      const path = `${trip.work}/swap`;
      fs.writeFileSync(path, '');
      run('chattr', ['+C', path]);
      run('fallocate', ['-l', '20M', path]);
      run('mkswap', ['-q', path], { accept: [0, 1] });
      trip.snapshot('a');
      fs.truncateSync(path, 10_000_000);
      trip.snapshot('b');
      for (const protocol of [1, 2] as const) {
        trip.receive(trip.stream('a', { protocol }));
        trip.receive(trip.stream('b', { parent: 'a', protocol }));
        expect(trip.differences('a')).toEqual([]);
        expect(trip.differences('b')).toEqual([]);
        trip.drop('a');
        trip.drop('b');
      }
      receive({ source: bytesSource(trip.stream('a', { protocol: 2 })), target: trip.target.dir });
      expect(trip.differences('a', [])).toEqual([]);
    });
  });
});
