import { afterEach, describe, expect, test } from 'vitest';
import type { ChunkReader } from '../../../main/engine/volume/chunk-reader.ts';
import { NearbyData } from '../../../main/engine/volume/nearby-data.ts';
import { ioError } from '../../../shared/errors.ts';

const KIB = 1024;
const SECTOR = 4 * KIB;

/** Reads of a device on which each sector holds its own number, and `isBroken` tells what fails. */
class Reads {
  readonly asked: [logical: number, length: number][] = [];
  contiguous = 1024 * KIB;
  isBroken = false;

  readonly nearby = new NearbyData({
    contiguous: () => this.contiguous,
    readWay: (logical: number, length: number, target: Uint8Array) => {
      this.asked.push([logical, length]);
      if (this.isBroken) throw ioError('device-read-failed', 'It is broken.');
      for (let at = 0; at < length; at += SECTOR)
        target.fill((logical + at) / SECTOR, at, at + SECTOR);
    },
  } as unknown as ChunkReader);

  /** The first byte that was given; undefined: it is to be read by itself. */
  take(logical: number, length = SECTOR): number | undefined {
    const target = new Uint8Array(length);
    return this.nearby.take(logical, length, target, 0) ? target[0] : undefined;
  }
}

describe('data that lies behind small reads in a row', () => {
  const reads = (): Reads => (made = new Reads());
  let made: Reads;
  afterEach(() => made.nearby.close());

  test('is read with the third of them, and given without a read', () => {
    const device = reads();
    const given = [0, 1, 2, 3, 9, 65].map((sector) => device.take(sector * SECTOR));
    expect(given).toEqual([undefined, undefined, 2, 3, 9, 65]);
    expect(device.asked).toEqual([[2 * SECTOR, 256 * KIB]]);
  });

  test('is not read along where reads go all over the device, or are large', () => {
    const device = reads();
    for (const sector of [0, 100, 50, 200, 150]) device.take(sector * SECTOR);
    for (let at = 0; at < 5; at += 1) device.take(at * 128 * KIB, 128 * KIB);
    expect(device.asked).toEqual([]);
  });

  test('ends where its device goes on elsewhere', () => {
    const device = reads();
    device.contiguous = 3 * SECTOR;
    const given = [0, 1, 2, 3, 4, 5].map((sector) => device.take(sector * SECTOR));
    expect(given).toEqual([undefined, undefined, 2, 3, 4, 5]);
    expect(device.asked).toEqual([
      [2 * SECTOR, 3 * SECTOR],
      [5 * SECTOR, 3 * SECTOR],
    ]);
  });

  test('that cannot be read is left to the plain read, which knows other copies', () => {
    const device = reads();
    device.isBroken = true;
    expect([0, 1, 2, 3].map((sector) => device.take(sector * SECTOR))).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });
});
