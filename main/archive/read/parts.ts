import { closeSync, readSync, statSync } from 'node:fs';
import { corrupt, DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { openArchiveFile, unreadable } from '../folder/open-file.ts';

/** Bytes at any place of something that does not change while it is read. */
export interface RandomSource {
  readonly size: number;
  /**
   * Exactly `length` bytes; a buffer of the caller's own.
   * @param scratch of at least that length: they may be put there
   */
  read(at: number, length: number, scratch?: Buffer): Buffer;
  close(): void;
}

interface Part {
  readonly path: string;
  readonly start: number;
  readonly size: number;
  fd: number;
}

/** One file in several parts, as `cat` would join them. */
export class PartsSource implements RandomSource {
  readonly size: number;
  /** Read from the drive so far. */
  bytesRead = 0;
  readonly #parts: Part[];

  /**
   * @param sizes of the files, where they are known: then one that is missing or too short is met
   * when its own bytes are read, and the others stay readable.
   * @throws Corrupt 'part-missing'
   */
  constructor(paths: readonly string[], sizes?: readonly number[]) {
    let start = 0;
    this.#parts = paths.map((path, i) => {
      const size = sizes?.[i] ?? sizeOf(path);
      start += size;
      return { path, start: start - size, size, fd: -1 };
    });
    this.size = start;
  }

  read(at: number, length: number, scratch?: Buffer): Buffer {
    const out = scratch?.subarray(0, length) ?? Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const part = this.#parts.find(({ start, size }) => at + done < start + size);
      if (part === undefined) throw tooShort(this.#parts.at(-1)?.path ?? '', at + done);
      done += this.#readPart(part, at + done, out, done);
    }
    this.bytesRead += length;
    return out;
  }

  close(): void {
    for (const part of this.#parts) {
      if (part.fd >= 0) closeSync(part.fd);
      part.fd = -1;
    }
  }

  #readPart(part: Part, at: number, out: Buffer, done: number): number {
    const want = Math.min(out.length - done, part.start + part.size - at);
    try {
      if (part.fd < 0) part.fd = openArchiveFile(part.path);
      const count = readSync(part.fd, out, done, want, at - part.start);
      if (count > 0) return count;
    } catch (cause) {
      if (cause instanceof DendroError) throw cause;
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw missing(part.path, cause);
      throw unreadable(part.path, at - part.start, cause);
    }
    throw tooShort(part.path, at - part.start);
  }
}

/** @throws Corrupt 'part-missing', Io 'part-unreadable' */
export function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, 0, cause);
    throw missing(path, cause);
  }
}

function missing(path: string, cause: unknown): DendroError {
  return corrupt('part-missing', say`The file "${{ path: printable(path) }}" is not there.`, {
    hint: 'Put it back from another copy; what does not stand in it stays readable.',
    place: { path: printable(path) },
    cause,
  });
}

function tooShort(path: string, offset: number): DendroError {
  return corrupt(
    'part-too-short',
    say`The file "${{ path: printable(path) }}" is shorter than it was.`,
    {
      hint: 'Take it from another copy; what does not stand in it stays readable.',
      place: { path: printable(path), offset },
    },
  );
}
