import { createHash } from 'node:crypto';
import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { ByteSource } from '../../engine/stream/decode-source.ts';
import type { PointRecord } from '../format/manifest.ts';
import type { FrameReader } from './frames.ts';

/** A plain stream from its start to its end, as a receiver reads it. */
export function streamSource(frames: FrameReader): ByteSource {
  let index = 0;
  let used = 0;
  return {
    read(target, offset, length) {
      while (index < frames.table.count) {
        const frame = frames.passingFrame(index);
        const part = frame.subarray(used, used + length);
        if (part.length > 0) {
          target.set(part, offset);
          used += part.length;
          return part.length;
        }
        index += 1;
        used = 0;
      }
      return 0;
    },
  };
}

/** The same, hashed as it is read. */
export class HashedSource implements ByteSource {
  bytes = 0;
  readonly #source: ByteSource;
  readonly #hash = createHash('sha256');

  constructor(frames: FrameReader) {
    this.#source = streamSource(frames);
  }

  read(target: Uint8Array, offset: number, length: number): number {
    const count = this.#source.read(target, offset, length);
    // Behind its end, where the hash may have been taken already, there is nothing to add.
    if (count > 0) this.#hash.update(target.subarray(offset, offset + count));
    this.bytes += count;
    return count;
  }

  /** SHA-256 of what was read, hexadecimal; it ends the hash. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/**
 * The same for who acts on what it reads: its end is given only when the whole is the stream that
 * was recorded.
 * @throws Corrupt 'stream-hash'
 */
export function provenSource(frames: FrameReader, { plain, parts }: PointRecord): ByteSource {
  const source = new HashedSource(frames);
  return {
    read(target, offset, length) {
      const count = source.read(target, offset, length);
      const isOther =
        count === 0 || source.bytes > plain.bytes
          ? source.bytes !== plain.bytes
          : source.bytes === plain.bytes && source.digest() !== plain.sha256;
      if (isOther) throw otherStream(parts[0]!.file);
      return count;
    },
  };
}

/** A stream file holds another stream than its record says. */
export function otherStream(name: string): DendroError {
  const file = printable(name);
  return corrupt('stream-hash', say`"${{ file }}" is not the stream that was recorded.`, {
    hint: 'Take it from another copy. To take it in as it is, remove its .point.json and its lines in manifest.json.',
    place: { path: file },
  });
}
