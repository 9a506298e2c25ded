import { readFileSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, deflateSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receive } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { encodedWrite, LZO, ZLIB, ZSTD } from '../harness/encoded-edits.ts';
import { describeKernel } from '../harness/kernel.ts';
import { Random } from '../harness/random.ts';
import { RoundTrip } from './round-trip.ts';

const SIZE = 64 * 1024;
const random = new Random(31);
const spoilt = (data: Buffer): Buffer => {
  data[data.length - 1]! ^= 1;
  return data;
};
const withChecksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

/** Extents as a program may store them that compresses by itself; see what the kernel reads. */
const extents: Record<string, readonly [compression: number, data: Buffer]> = {
  'zlib that holds less': [ZLIB, deflateSync(random.text(SIZE - 5000))],
  'zstd that holds less': [ZSTD, zstdCompressSync(random.text(SIZE - 5000))],
  'zlib that holds more': [ZLIB, deflateSync(random.text(2 * SIZE))],
  'zstd that holds more': [ZSTD, zstdCompressSync(random.text(2 * SIZE))],
  'zlib with something behind it': [
    ZLIB,
    Buffer.concat([deflateSync(random.text(SIZE)), random.bytes(300)]),
  ],
  'zstd with something behind it': [
    ZSTD,
    Buffer.concat([zstdCompressSync(random.text(SIZE)), random.bytes(300)]),
  ],
  'zlib whose own checksum is wrong': [ZLIB, spoilt(deflateSync(random.text(SIZE)))],
  'zstd whose own checksum is wrong': [
    ZSTD,
    spoilt(zstdCompressSync(random.text(SIZE), withChecksum)),
  ],
  'zlib that is cut short': [
    ZLIB,
    deflateSync(random.text(SIZE), { level: 0 }).subarray(0, 50_000),
  ],
  'zlib with a dictionary': [
    ZLIB,
    deflateSync(random.text(SIZE), { dictionary: Buffer.from('a dictionary') }),
  ],
  'zlib that is none': [ZLIB, random.bytes(5000)],
  'zstd that is none': [ZSTD, random.bytes(5000)],
  'lzo that is none': [LZO, random.bytes(5000)],
};

describeKernel('compressed data that the kernel did not compress', () => {
  let trip: RoundTrip;
  beforeAll(() => void (trip = new RoundTrip()));
  afterAll(() => trip?.close());

  // The send ended where the kernel reads on (a checksum of zlib's own), sent zeros in the place of
  // what was cut off, where the kernel has an error, and did not say which file it was.
  test.each(Object.entries(extents))('%s', (_, [compression, data]) => {
    const file = join(trip.work, 'file');
    writeFileSync(file, '');
    const fd = openSync(file, 'r+');
    const whole = { unpackedBytes: SIZE, offset: 0, length: SIZE };
    encodedWrite(fd, 0, { compression, data, ...whole });
    closeSync(fd);
    trip.snapshot('a');
    trip.source.remount(); // nothing of it is in memory
    const expected = contentOf(join(trip.at('a'), 'file'));
    try {
      if (expected === undefined) {
        expect(() => trip.stream('a')).toThrow(
          expect.objectContaining({
            kind: 'Corrupt',
            place: expect.objectContaining({ path: 'file', offset: 0 }),
          }),
        );
        return;
      }
      for (const isOurs of [false, true]) {
        for (const protocol of [1, 2] as const) {
          const stream = trip.stream('a', { protocol, compressedData: protocol === 2 });
          if (isOurs) receive({ source: bytesSource(stream), target: trip.target.dir });
          else trip.receive(stream);
          trip.target.remount();
          const got = contentOf(join(trip.target.dir, 'a/file'));
          expect(got?.equals(expected)).toBe(true);
          trip.drop('a');
        }
      }
    } finally {
      trip.dropSource('a');
    }
  });
});

/** Undefined: the kernel cannot read it. */
function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    expect(error).toMatchObject({ code: 'EIO' });
    return undefined;
  }
}
