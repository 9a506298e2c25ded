import { readSync } from 'node:fs';
import {
  closeFd,
  cString,
  O_CREAT,
  O_NOFOLLOW,
  O_TRUNC,
  O_WRONLY,
  openPath,
  writeAllAt,
} from '../../linux/files.ts';
import { checked, ERRNO } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import type { Bytes } from '../stream/command-sink.ts';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1 << 20;
/** What fits a string of V8, and is no more than a hostile file may have us hold. */
const LONGEST_LINE_BYTES = (1 << 29) - CHUNK_BYTES;

/**
 * The lines of an open file, with the newline that each ends in; the last may lack it. A file may
 * be larger than a string can be. `fd` stays open for as long as they are read, and the caller's.
 * A line that is longer than `longest` is cut off behind that, and is the last.
 */
export function* linesIn(fd: number, longest = LONGEST_LINE_BYTES): Generator<string> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let pieces: Buffer[] = [];
  let begun = 0;
  for (let at = 0; begun <= longest;) {
    const count = readAt(fd, chunk, at);
    if (count === 0) break;
    at += count;
    for (let from = 0; from < count;) {
      const newline = chunk.subarray(0, count).indexOf(NEWLINE, from);
      const end = newline < 0 ? count : newline + 1;
      if (newline < 0 || pieces.length > 0) pieces.push(Buffer.from(chunk.subarray(from, end)));
      if (newline >= 0) {
        yield pieces.length === 0 ? chunk.toString('utf8', from, end) : joined(pieces);
        pieces = [];
        begun = 0;
      }
      from = end;
    }
    if (pieces.length > 0) begun += pieces.at(-1)!.length;
  }
  if (pieces.length > 0) yield joined(pieces);
}

/** Writes a file of ours, of any length, line by line. */
export function writeLines(folder: number, name: string, lines: Iterable<string>): void {
  const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_TRUNC;
  const fd = openPath(cString(name), flags, 0o600, folder);
  try {
    const out = new LineWriter(fd, Buffer.from(name));
    for (const line of lines) out.add(line);
    out.flush();
  } finally {
    closeFd(fd);
  }
}

/** Collects lines and writes them a chunk at a time. */
class LineWriter {
  readonly #fd: number;
  readonly #name: Bytes;
  readonly #waiting = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #waitingBytes = 0;
  #at = 0;

  constructor(fd: number, name: Bytes) {
    this.#fd = fd;
    this.#name = name;
  }

  add(line: string): void {
    const length = Buffer.byteLength(line);
    if (this.#waitingBytes + length > CHUNK_BYTES) this.flush();
    if (length > CHUNK_BYTES) return this.#write(Buffer.from(line));
    this.#waiting.write(line, this.#waitingBytes);
    this.#waitingBytes += length;
  }

  flush(): void {
    this.#write(this.#waiting.subarray(0, this.#waitingBytes));
    this.#waitingBytes = 0;
  }

  #write(bytes: Buffer): void {
    writeAllAt(this.#fd, bytes, this.#at, this.#name);
    this.#at += bytes.length;
  }
}

/** A pipe is read as it comes. */
function readAt(fd: number, chunk: Buffer, at: number): number {
  const count = libc().pread(fd, chunk, chunk.length, at);
  if (count < 0 && lastErrno() === ERRNO.ESPIPE) return readSync(fd, chunk);
  return checked(count, 'read');
}

function joined(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString('utf8');
}
