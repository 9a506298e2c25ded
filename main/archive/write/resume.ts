import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CancelToken } from '../../engine/cancel.ts';
import { STREAM_SUFFIX } from '../folder/names.ts';
import { FrameReader } from '../read/frames.ts';
import { PartsSource } from '../read/parts.ts';
import type { FrameTable } from '../format/seek-table.ts';
import { partialPath } from './pack-output.ts';
import type { KeptStream } from './point-writer.ts';

export interface Leftover {
  readonly kept: KeptStream;
  /** The plain bytes of the kept frames, one frame after another. */
  readonly frames: () => Generator<Buffer>;
  close(): void;
}

/**
 * What a killed export left of an unencrypted stream file: its whole frames, each of which is
 * decompressed and so checked. Undefined when there is none.
 */
export function findLeftover(
  inside: string,
  base: string,
  cancel: CancelToken,
): Leftover | undefined {
  const paths = partialParts(join(inside, base + STREAM_SUFFIX));
  if (paths.length === 0) return undefined;
  const source = new PartsSource(paths);
  let reader: FrameReader;
  try {
    reader = new FrameReader(source, base);
  } catch {
    source.close();
    return undefined;
  }
  // The last one may hold the stream's end, behind which nothing can come.
  const whole = Math.max(0, wholeFrames(reader, cancel) - 1);
  const { at, plainAt } = reader.table;
  if (whole === 0) {
    source.close();
    return undefined;
  }
  return {
    kept: {
      parts: partLengths(paths, at[whole]!),
      frames: Array.from({ length: whole }, (_, i) => [
        at[i + 1]! - at[i]!,
        plainAt[i + 1]! - plainAt[i]!,
      ]),
    },
    *frames() {
      for (let i = 0; i < whole; i += 1) yield reader.frame(i);
    },
    close: () => source.close(),
  };
}

function partialParts(path: string): string[] {
  const paths: string[] = [];
  for (let i = 0; existsSync(partialPath(path, i)); i += 1) paths.push(partialPath(path, i));
  return paths;
}

/** Frames up to the first that does not decompress: behind it nothing can be gone on with. */
function wholeFrames(reader: FrameReader, cancel: CancelToken): number {
  const { table }: { table: FrameTable } = reader;
  for (let i = 0; i < table.count; i += 1) {
    cancel.check();
    try {
      reader.frame(i);
    } catch {
      return i;
    }
  }
  return table.count;
}

function partLengths(paths: readonly string[], total: number): number[] {
  const lengths: number[] = [];
  let left = total;
  for (const path of paths) {
    if (left === 0) break;
    const length = Math.min(left, statSync(path).size);
    lengths.push(length);
    left -= length;
  }
  return lengths;
}
