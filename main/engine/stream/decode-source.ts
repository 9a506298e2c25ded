import { readSync } from 'node:fs';
import { ioError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';

/** Where a stream's bytes come from. */
export interface ByteSource {
  /** Reads up to `length` bytes into `target` at `offset`; waits for at least one; 0 is the end. */
  read(target: Uint8Array, offset: number, length: number): number;
  /**
   * Asked before each read; once it answers, what comes is taken from there. What was read and not
   * used is `rest`, which begins with a command: it is to come again.
   * @param bytes used so far. @param commands used so far.
   */
  ahead?(bytes: number, commands: number, rest: Uint8Array): Pieces | undefined;
}

/** A stream that somebody reads ahead. */
export interface Pieces {
  /** Waits for the next; undefined at the end. It is good until the next call. */
  next(): Piece | undefined;
}

/** Whole commands, or the inside of one that fits no piece. */
export interface Piece {
  readonly bytes: Buffer;
  /** Of the commands before this offset the checksums are right, and what is encoded decodes. */
  readonly checked: number;
}

const PAUSE_MS = 2;

/** A file, pipe, socket or terminal open for reading; also one that is set not to block. */
export function fdSource(fd: number): ByteSource {
  return {
    read(target, offset, length) {
      for (;;) {
        try {
          return readSync(fd, target, offset, length, null);
        } catch (error) {
          const code = (error as NodeJS.ErrnoException).code;
          if (code === 'EOF') return 0;
          if (code !== 'EAGAIN') {
            throw ioError(
              'stream-unreadable',
              say`Could not read the stream: ${{ code: code ?? 'failed' }}.`,
              {
                hint: 'Check the file, the pipe or the drive that the stream comes from.',
                cause: error,
              },
            );
          }
          pause();
        }
      }
    },
  };
}

/** Bytes that are in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    read(target, offset, length) {
      const part = bytes.subarray(at, at + length);
      target.set(part, offset);
      at += part.length;
      return part.length;
    },
  };
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}
