import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { Random } from '../harness/random.ts';
import { cloneRange } from '../harness/syscalls.ts';
import { fileExtents } from '../harness/extents.ts';
import { dump, RoundTrip } from './round-trip.ts';
import { Stage } from './scenario.ts';

const random = new Random(9);
const SHARED = 0x2000;

function clone(from: string, to: string, ...range: [number, number, number]): void {
  const source = fs.openSync(from, 'r');
  const target = fs.openSync(to, fs.constants.O_RDWR | fs.constants.O_CREAT);
  fs.fsyncSync(source);
  cloneRange(source, range[0], range[1], target, range[2]);
  fs.closeSync(source);
  fs.closeSync(target);
}

function sharedBytes(path: string): number {
  const fd = fs.openSync(path, 'r');
  const shared = fileExtents(fd).filter(({ flags }) => (flags & SHARED) !== 0);
  fs.closeSync(fd);
  return shared.reduce((sum, { length }) => sum + length, 0);
}

const written = (stream: Buffer): number =>
  [...dump(stream).matchAll(/^write .* len=(\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);

describeKernel('question 9: what the receiver has is cloned', () => {
  const stage = new Stage();
  stage.arrives('inside a snapshot, from the parent, and with unaligned ends', [
    (dir) => {
      fs.writeFileSync(`${dir}/a`, random.bytes(300_001));
      clone(`${dir}/a`, `${dir}/whole`, 0, 0, 0);
      clone(`${dir}/a`, `${dir}/middle`, 65_536, 65_536, 4096);
      clone(`${dir}/a`, `${dir}/a`, 0, 65_536, 524_288);
    },
    (dir) => {
      clone(`${dir}/a`, `${dir}/later`, 0, 0, 0);
      fs.truncateSync(`${dir}/whole`, 200_003);
      fs.appendFileSync(`${dir}/middle`, random.bytes(5000));
      fs.rmSync(`${dir}/a`);
    },
    (dir) => {
      clone(`${dir}/later`, `${dir}/whole`, 0, 131_072, 65_536);
      clone(`${dir}/middle`, `${dir}/later`, 4096, 8192, 0);
    },
  ]);
});

describeKernel('cloned data', () => {
  let trip: RoundTrip;
  beforeEach(() => {
    trip = new RoundTrip();
    fs.writeFileSync(`${trip.work}/a`, random.bytes(1_000_000));
    clone(`${trip.work}/a`, `${trip.work}/b`, 0, 0, 0);
  });
  afterEach(() => trip.close());

  test('is sent once, and arrives shared', () => {
    trip.snapshot('s0');
    const stream = trip.stream('s0');
    expect(written(stream)).toBe(1_000_000);
    trip.receive(stream);
    expect(trip.differences('s0')).toEqual([]);
    expect(sharedBytes(join(trip.target.dir, 's0/b'))).toBeGreaterThanOrEqual(1_000_000);
  });

  test('comes from the parent, though the file that held it is gone', () => {
    trip.snapshot('s0');
    trip.receive(trip.stream('s0'));
    clone(`${trip.work}/a`, `${trip.work}/c`, 0, 0, 0);
    fs.rmSync(`${trip.work}/a`);
    fs.rmSync(`${trip.work}/b`);
    trip.snapshot('s1');
    const stream = trip.stream('s1', { parent: 's0' });
    expect(written(stream)).toBe(0);
    trip.receive(stream);
    expect(trip.differences('s1')).toEqual([]);
  });

  test('comes from -c sources, without a parent too', () => {
    trip.snapshot('s0');
    trip.receive(trip.stream('s0'));
    fs.renameSync(`${trip.work}/a`, `${trip.work}/x`);
    trip.snapshot('s1');
    const stream = trip.stream('s1', { cloneSources: ['s0'] });
    expect(written(stream)).toBe(0);
    trip.receive(stream);
    expect(trip.differences('s1')).toEqual([]);
  });

  test('is not cloned from the very snapshot that is sent, though -c names it', () => {
    trip.snapshot('s0');
    const stream = trip.stream('s0', { cloneSources: ['s0'] });
    expect(stream.equals(trip.stream('s0'))).toBe(true);
    trip.receive(stream);
    expect(trip.differences('s0')).toEqual([]);
  });

  test('comes from a -c source that has the same leaf, where the extent has one reference', () => {
    trip.snapshot('s0');
    fs.writeFileSync(`${trip.work}/new`, random.bytes(200_000));
    trip.snapshot('twin');
    trip.snapshot('s1');
    trip.receive(trip.stream('s0'));
    trip.receive(trip.stream('twin', { parent: 's0' }));
    const stream = trip.stream('s1', { parent: 's0', cloneSources: ['twin'] });
    expect(written(stream)).toBe(0);
    trip.receive(stream);
    expect(trip.differences('s1')).toEqual([]);
    expect(sharedBytes(join(trip.target.dir, 's1/new'))).toBeGreaterThanOrEqual(200_000);
  });

  // An image of a disk, or a database, with a history: an extent lies anywhere, and the leaves of
  // all states show it.
  test('is found in a file that was written all over, which many snapshots have', () => {
    const [BLOCK, BLOCKS, STATES, WRITES] = [4096, 4096, 8, 400];
    const file = join(trip.work, 'image');
    fs.writeFileSync(file, random.bytes(BLOCK * BLOCKS));
    for (let state = 0; state < STATES; state++) {
      const fd = fs.openSync(file, 'r+');
      for (let i = 0; i < WRITES; i++) {
        fs.writeSync(fd, random.bytes(BLOCK), 0, BLOCK, BLOCK * random.between(0, BLOCKS));
      }
      fs.fsyncSync(fd);
      fs.closeSync(fd);
      if (state === STATES - 2) clone(file, join(trip.work, 'before'), 0, 0, 0);
      trip.snapshot(`s${state}`);
    }
    const [last, first] = [`s${STATES - 1}`, 's0'];
    const whole = trip.stream(last);
    const data = 1_000_000 + BLOCK * BLOCKS;
    expect(written(whole)).toBeGreaterThan(data);
    expect(written(whole)).toBeLessThan(data + BLOCK * WRITES);
    trip.receive(whole);
    expect(trip.differences(last)).toEqual([]);
    trip.drop(last);

    trip.receive(trip.stream(first));
    const increment = trip.stream(last, { parent: first });
    expect(written(increment)).toBeLessThan(BLOCK * WRITES * STATES);
    trip.receive(increment);
    expect(trip.differences(last)).toEqual([]);
  });
});
