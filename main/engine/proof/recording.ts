import { createHash, type Hash } from 'node:crypto';
import { decodeExtent } from '../sink/encoded-data.ts';
import type { Bytes, CommandSink } from '../stream/command-sink.ts';
import { FALLOCATE } from '../stream/protocol.ts';
import type { HashBook } from './hash-book.ts';

const zeros = Buffer.alloc(1 << 20);
/** A hole that is longer is not worth to be hashed on the way. */
const MAX_HOLE_BYTES = 4 * 1024 ** 3;

/**
 * In front of a sink: hashes the content of each file that the stream makes, as it goes by. A
 * file that is not written from its start to its end, once, is left out: `book` then has no hash,
 * and whoever wants one reads the file.
 */
export function recording(sink: CommandSink, book: HashBook): CommandSink {
  const file = new PassingFile(book);
  const out = Object.create(sink) as CommandSink;
  const before = <K extends keyof CommandSink>(
    name: K,
    look: (...args: Parameters<Required<CommandSink>[K]>) => void,
  ): void => {
    const run = sink[name] as (...args: Parameters<Required<CommandSink>[K]>) => void;
    (out[name] as unknown) = (...args: Parameters<Required<CommandSink>[K]>) => {
      look(...args);
      run.apply(sink, args);
    };
  };
  for (const name of FORWARDED) {
    const run = sink[name] as ((...args: unknown[]) => void) | undefined;
    if (run !== undefined) (out[name] as unknown) = run.bind(sink);
  }
  before('mkfile', (path, inode) => file.begin(path, inode));
  before('rename', (from, to) => file.rename(from, to));
  before('write', (path, offset, data) => file.write(path, offset, data));
  before('clone', (path) => file.spoil(path));
  before('truncate', (path, size) => file.resize(path, size));
  before('encodedWrite', (path, write) => {
    if (file.is(path)) file.write(path, write.offset, decodeExtent(write));
  });
  before('fallocate', (path, mode, offset) => {
    if ((mode & FALLOCATE.punchHole) !== 0) file.punch(path, offset);
  });
  before('end', () => file.finish());
  return out;
}

const FORWARDED = [
  ...(['resume', 'subvol', 'snapshot', 'mkdir', 'mknod', 'mkfifo', 'mksock', 'symlink'] as const),
  ...(['link', 'unlink', 'rmdir', 'setXattr', 'removeXattr', 'chmod', 'chown'] as const),
  ...(['utimes', 'updateExtent', 'fileattr', 'enableVerity'] as const),
];

/** The file that was made last: everything that belongs to it comes before the next is made. */
class PassingFile {
  readonly #book: HashBook;
  #path = Buffer.alloc(0);
  #inode = 0;
  #hash: Hash | undefined;
  #at = 0;

  constructor(book: HashBook) {
    this.#book = book;
  }

  is(path: Bytes): boolean {
    return this.#hash !== undefined && this.#path.equals(path);
  }

  begin(path: Bytes, inode: number): void {
    this.finish();
    this.#path = Buffer.from(path);
    this.#inode = inode;
    this.#hash = createHash('sha256');
    this.#at = 0;
  }

  rename(from: Bytes, to: Bytes): void {
    if (this.is(from)) this.#path = Buffer.from(to);
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    if (!this.is(path)) return;
    if (offset < this.#at) return this.#drop();
    this.#zeros(offset - this.#at);
    this.#hash?.update(data);
    this.#at = offset + data.length;
  }

  resize(path: Bytes, size: number): void {
    if (!this.is(path)) return;
    if (size < this.#at) this.#drop();
    else this.#zeros(size - this.#at);
  }

  /** A hole behind what was written changes nothing. */
  punch(path: Bytes, offset: number): void {
    if (this.is(path) && offset < this.#at) this.#drop();
  }

  spoil(path: Bytes): void {
    if (this.is(path)) this.#drop();
  }

  finish(): void {
    if (this.#hash !== undefined && this.#at > 0) this.#book.add(this.#inode, this.#hash.digest());
    this.#drop();
  }

  #zeros(length: number): void {
    if (length > MAX_HOLE_BYTES) return this.#drop();
    for (let left = length; left > 0; left -= zeros.length) {
      this.#hash?.update(left < zeros.length ? zeros.subarray(0, left) : zeros);
    }
    this.#at += length;
  }

  #drop(): void {
    this.#hash = undefined;
  }
}
