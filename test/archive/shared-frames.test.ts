// Each stream of a chain kept up to twelve frames until all was read: `verify --full` of forty
// increments of 17 MiB took 702 MiB of memory.
import { constants, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { encodeSeekTable, FrameTable } from '../../main/archive/format/seek-table.ts';
import { FrameReader, SharedFrames } from '../../main/archive/read/frames.ts';
import type { RandomSource } from '../../main/archive/read/parts.ts';

const FRAME_BYTES = 1 << 16;
const FRAMES = 4;
const STREAMS = 20;

/** A stream of some frames, and how often one was read. */
function streamOf(fill: number): { readonly source: RandomSource; reads: number } {
  const table = new FrameTable();
  const packed = Array.from({ length: FRAMES }, (_, i) => {
    const frame = zstdCompressSync(Buffer.alloc(FRAME_BYTES, fill + i), {
      params: { [constants.ZSTD_c_checksumFlag]: 1 },
    });
    table.add(frame.length, FRAME_BYTES);
    return frame;
  });
  const bytes = Buffer.concat([...packed, encodeSeekTable(table)]);
  const stream = {
    reads: 0,
    source: {
      size: bytes.length,
      read(at: number, length: number): Buffer {
        stream.reads += 1;
        return bytes.subarray(at, at + length);
      },
      close(): void {
        stream.reads = 0;
      },
    },
  };
  return stream;
}

test('what the streams of an archive keep has one bound, whichever streams they are', () => {
  const shared = new SharedFrames(8 * FRAME_BYTES);
  const streams = Array.from({ length: STREAMS }, (_, i) => streamOf(i));
  const readers = streams.map(
    ({ source }, i) => new FrameReader(source, `stream ${i}`, undefined, shared),
  );
  const readAll = (from: readonly FrameReader[]): void => {
    for (const reader of from) {
      for (let i = 0; i < FRAMES; i += 1) expect(reader.frame(i).length).toBe(FRAME_BYTES);
    }
  };
  readAll(readers);
  for (const stream of streams) stream.reads = 0;
  readAll(readers.slice(-2));
  expect(streams.map(({ reads }) => reads)).toEqual(Array<number>(STREAMS).fill(0));
  readAll(readers.slice(0, 1));
  expect(streams[0]!.reads).toBe(FRAMES);
  // What is closed leaves its room to the others.
  readers[0]!.close();
  streams.at(-1)!.reads = 0;
  readAll(readers.slice(-1));
  expect(streams.at(-1)!.reads).toBe(0);
});
