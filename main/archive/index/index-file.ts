import { constants, zstdCompressSync } from 'node:zlib';
import { z } from 'zod';
import { encodeSeekTable, FrameTable } from '../format/seek-table.ts';
import { PackOutput, type OutputSpec, type WrittenPart } from '../write/pack-output.ts';
import type { FrameReader } from '../read/frames.ts';
import type { ForeignSource } from './index-writer.ts';
import { indexDamaged } from './varint.ts';

const LEVEL = 3;

/** The last frame of an index, as JSON: what the log belongs to. */
export const IndexFooter = z.object({
  format: z.literal('dendro-index'),
  version: z.literal(1),
  uuid: z.string(),
  ctransid: z.int().nonnegative(),
  /** Of the plain stream: an index of another one is stale. */
  plainSha256: z.string(),
  operations: z.int().nonnegative(),
  foreign: z.array(
    z.object({ uuid: z.string(), ctransid: z.int().nonnegative(), path: z.string() }),
  ),
});
export type IndexFooter = z.infer<typeof IndexFooter>;

/** An index that was read: the frames of its log, and the footer's foreign sources. */
export interface LoadedIndex {
  /** One after another, as often as they are asked for; each borrowed until something else is read. */
  readonly frames: Iterable<Buffer>;
  readonly foreign: readonly ForeignSource[];
}

/** Writes the frames of a log as a seekable zstd file. */
export class IndexFileWriter {
  readonly #output: PackOutput;
  readonly #table = new FrameTable();

  constructor(spec: OutputSpec) {
    this.#output = new PackOutput(spec);
  }

  frame(plain: Buffer): void {
    const packed = zstdCompressSync(plain, {
      chunkSize: plain.length + (plain.length >> 7) + 1024,
      pledgedSrcSize: plain.length,
      params: {
        [constants.ZSTD_c_compressionLevel]: LEVEL,
        [constants.ZSTD_c_checksumFlag]: 1,
      },
    });
    this.#output.write(packed);
    this.#table.add(packed.length, plain.length);
  }

  finish(footer: IndexFooter): WrittenPart {
    this.frame(Buffer.from(JSON.stringify(footer)));
    this.#output.write(encodeSeekTable(this.#table));
    return this.#output.finish()[0]!;
  }

  close(): void {
    this.#output.close();
  }

  /** Takes away what was written. */
  discard(): void {
    this.#output.close();
    this.#output.discard();
  }
}

/** @throws Corrupt 'index-damaged', 'bit-rot' */
export function readIndexFooter(frames: FrameReader): IndexFooter {
  const { count } = frames.table;
  const parsed = IndexFooter.safeParse(jsonOf(frames.passingFrame(count - 1)));
  if (!parsed.success) throw indexDamaged('has no proper end');
  return parsed.data;
}

/**
 * Every frame is looked at before the first is used: damage in the midst would be found when half a
 * tree is made.
 * @throws Corrupt 'index-damaged', 'bit-rot'
 */
export function loadIndex(reader: FrameReader, footer: IndexFooter): LoadedIndex {
  const count = reader.table.count - 1;
  for (let i = 0; i < count; i += 1) reader.passingFrame(i);
  const frames = {
    *[Symbol.iterator](): Generator<Buffer> {
      for (let i = 0; i < count; i += 1) yield reader.passingFrame(i);
    },
  };
  return { frames, foreign: footer.foreign };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
