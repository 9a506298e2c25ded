import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acl } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import {
  fallocate,
  FALLOC_KEEP_SIZE,
  FALLOC_PUNCH_HOLE,
  removeXattr,
  setXattr,
} from '../harness/syscalls.ts';
import { RoundTrip, type StreamOptions } from './round-trip.ts';

const random = new Random(11);

/** Each case shows what the kernel's stream does, and that ours is right in the stock receive. */
describeKernel('where the kernel is wrong (KERNEL.md)', () => {
  let trip: RoundTrip;
  beforeEach(() => {
    trip = new RoundTrip();
  });
  afterEach(() => trip.close());

  /** What is wrong at the receiver after the kernel's streams, or the error that it stopped with. */
  function byKernel(snapshot: string, options: StreamOptions & { chain?: string[] }): string[] {
    try {
      for (const base of options.chain ?? []) trip.receive(trip.kernelStream(base));
      trip.receive(trip.kernelStream(snapshot, options));
      return trip.differences(snapshot);
    } catch (error) {
      return [String(error)];
    } finally {
      for (const name of [...(options.chain ?? []), snapshot]) {
        run('btrfs', ['-q', 'subvolume', 'delete', join(trip.target.dir, name)], {
          accept: [0, 1],
        });
      }
    }
  }

  function byUs(snapshot: string, options: StreamOptions & { chain?: string[] }): string[] {
    for (const base of options.chain ?? []) trip.receive(trip.stream(base));
    trip.receive(trip.stream(snapshot, options));
    return trip.differences(snapshot);
  }

  test('1: the tail of a file that is longer than the parent has it', () => {
    fs.writeFileSync(`${trip.work}/f`, random.bytes(10_000));
    trip.snapshot('long');
    fs.truncateSync(`${trip.work}/f`, 9000);
    trip.snapshot('short');
    const options = { parent: 'short', chain: ['short'] };
    // Whether the kernel shares the last block's extent here depends on the kernel.
    const wrong = byKernel('long', options);
    expect(wrong.every((line) => line.includes('content'))).toBe(true);
    expect(byUs('long', options)).toEqual([]);
  });

  test('2: the size of a compressed inline file made longer by fallocate', () => {
    setXattr(trip.work, 'btrfs.compression', Buffer.from('zlib'));
    fs.writeFileSync(`${trip.work}/f`, 'a'.repeat(1000));
    trip.source.sync();
    const fd = fs.openSync(`${trip.work}/f`, 'r+');
    fallocate(fd, 0, 0, 3000);
    fs.closeSync(fd);
    trip.snapshot('s');
    const options = { protocol: 2, compressedData: true } as const;
    expect(byKernel('s', options).join()).toContain('size');
    expect(byUs('s', options)).toEqual([]);
  });

  test('3: set-uid and set-gid, when only the owner changes', () => {
    fs.writeFileSync(`${trip.work}/f`, 'program');
    fs.chmodSync(`${trip.work}/f`, 0o6755);
    trip.snapshot('a');
    fs.chownSync(`${trip.work}/f`, 1000, 1000);
    fs.chmodSync(`${trip.work}/f`, 0o6755);
    trip.snapshot('b');
    const options = { parent: 'a', chain: ['a'] };
    expect(byKernel('b', options).join()).toContain('mode: 6755 | 755');
    expect(byUs('b', options)).toEqual([]);
  });

  test('5: a default ACL of the top directory is not inherited by everything', () => {
    fs.mkdirSync(`${trip.work}/d`);
    fs.writeFileSync(`${trip.work}/d/f`, 'f');
    trip.snapshot('a');
    setXattr(trip.work, 'system.posix_acl_default', acl(1001, 7));
    trip.snapshot('b');
    fs.writeFileSync(`${trip.work}/d/g`, 'g');
    trip.snapshot('c');
    expect(byKernel('c', { parent: 'b', chain: ['b'] }).join()).toContain('xattrs');
    expect(byUs('c', { parent: 'b', chain: ['b'] })).toEqual([]);
  });

  test('5: nor is its compression', () => {
    setXattr(trip.work, 'btrfs.compression', Buffer.from('zstd'));
    fs.mkdirSync(`${trip.work}/d`);
    removeXattr(`${trip.work}/d`, 'btrfs.compression');
    trip.snapshot('a');
    fs.writeFileSync(`${trip.work}/d/g`, 'g');
    trip.snapshot('b');
    expect(byUs('b', { parent: 'a', chain: ['a'] })).toEqual([]);
  });

  test("6: the top directory's times, after temporary names in it", () => {
    fs.mkdirSync(`${trip.work}/x/y`, { recursive: true });
    fs.mkdirSync(`${trip.work}/z`);
    trip.snapshot('a');
    fs.renameSync(`${trip.work}/x/y`, `${trip.work}/z/y`);
    fs.writeFileSync(`${trip.work}/z/new`, 'new');
    trip.snapshot('b');
    const options = { parent: 'a', chain: ['a'] };
    expect(byKernel('b', options).join()).toContain('mtime');
    expect(byUs('b', options)).toEqual([]);
  });

  test('7: holes that were punched arrive as holes, in version 1 too', () => {
    fs.writeFileSync(`${trip.work}/f`, random.bytes(400_000));
    trip.snapshot('a');
    const fd = fs.openSync(`${trip.work}/f`, 'r+');
    fallocate(fd, FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, 40_960, 204_800);
    fs.closeSync(fd);
    trip.snapshot('b');
    const options = { parent: 'a', chain: ['a'] };
    expect(byKernel('b', options).join()).toContain('holes');
    const stream = trip.stream('b', { parent: 'a' });
    expect(stream.length).toBeLessThan(2000);
    expect(byUs('b', options)).toEqual([]);
  });

  test('7: space set aside in a changed file is not written out', () => {
    const fd = fs.openSync(`${trip.work}/f`, 'w');
    fs.writeSync(fd, random.bytes(4096));
    trip.snapshot('a');
    fallocate(fd, 0, 8192, 1_000_000);
    fs.closeSync(fd);
    trip.snapshot('b');
    const options = { parent: 'a', chain: ['a'] };
    expect(trip.kernelStream('b', options).length).toBeGreaterThan(1_000_000);
    expect(trip.stream('b', options).length).toBeLessThan(2000);
    expect(byUs('b', options)).toEqual([]);
  });
});
