import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import type { TreeWriter } from '../sink/tree-writer.ts';
import { joinPath } from '../tree/index.ts';

const LEAST_PIECE_BYTES = 1 << 20;
const MOST_PIECES = 100_000;

export interface LargeFile {
  /** Where it was to be; a folder will be there. */
  readonly to: Uint8Array;
  /** What the pieces are called, with `.001` and so on behind it. */
  readonly name: Uint8Array;
  readonly sizeBytes: number;
  /** Its data once more from the start; what is not told is zeros. */
  readonly data: () => Iterable<{ readonly offset: number; readonly data: Uint8Array }>;
}

/** The target cannot hold a file of this size (4 GiB on FAT). */
export function isTooLarge(error: unknown): boolean {
  return isErrno(error, ERRNO.EFBIG);
}

/**
 * A file that is too large for the target as a folder of pieces, which `cat` joins.
 * @param failedAt where the target refused it
 * @returns how many there are; undefined when it does not go even so, and nothing is there
 */
export function writeInPieces(
  file: LargeFile,
  failedAt: number,
  writer: TreeWriter,
  remove: (to: Uint8Array) => void,
  onBytes: (bytes: number) => void,
): number | undefined {
  let pieceBytes = 2 ** Math.floor(Math.log2(Math.max(failedAt, LEAST_PIECE_BYTES)));
  for (; pieceBytes >= LEAST_PIECE_BYTES; pieceBytes /= 2) {
    const count = Math.ceil(file.sizeBytes / pieceBytes);
    if (count > MOST_PIECES) return undefined;
    try {
      writeAll(file, pieceBytes, count, writer, onBytes);
      return count;
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      remove(file.to);
    }
  }
  return undefined;
}

function writeAll(
  { to, name, sizeBytes, data }: LargeFile,
  pieceBytes: number,
  count: number,
  writer: TreeWriter,
  onBytes: (bytes: number) => void,
): void {
  const digits = Math.max(3, String(count).length);
  const pathOf = (index: number): Uint8Array => {
    const suffix = `.${String(index + 1).padStart(digits, '0')}`;
    return joinPath(to, Buffer.concat([name, Buffer.from(suffix)]));
  };
  writer.create(to, { kind: 'directory' });
  for (let index = 0; index < count; index += 1) {
    writer.create(pathOf(index), { kind: 'file' });
    writer.settle();
    writer.inodes.truncate(pathOf(index), Math.min(pieceBytes, sizeBytes - index * pieceBytes));
  }
  for (const { offset, data: bytes } of data()) {
    for (let done = 0; done < bytes.length;) {
      const index = Math.floor((offset + done) / pieceBytes);
      const inside = offset + done - index * pieceBytes;
      const length = Math.min(bytes.length - done, pieceBytes - inside);
      writer.inodes.write(pathOf(index), inside, bytes.subarray(done, done + length));
      done += length;
    }
    onBytes(bytes.length);
  }
  writer.inodes.leave();
}
