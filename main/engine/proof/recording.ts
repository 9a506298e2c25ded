import { decodeExtent } from '../sink/encoded-data.ts';
import type { Bytes, CommandSink } from '../stream/command-sink.ts';
import { FALLOCATE } from '../stream/protocol.ts';
import { ContentHash } from './content-hash.ts';
import type { HashBook } from './hash-book.ts';

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
  #hash: ContentHash | undefined;

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
    this.#hash = new ContentHash();
  }

  rename(from: Bytes, to: Bytes): void {
    if (this.is(from)) this.#path = Buffer.from(to);
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    if (!this.is(path)) return;
    this.#zerosTo(offset);
    this.#hash?.data(data);
  }

  resize(path: Bytes, size: number): void {
    if (this.is(path)) this.#zerosTo(size);
  }

  /** A hole behind what was written changes nothing. */
  punch(path: Bytes, offset: number): void {
    if (this.is(path) && offset < this.#hash!.at) this.#drop();
  }

  spoil(path: Bytes): void {
    if (this.is(path)) this.#drop();
  }

  finish(): void {
    if (this.#hash !== undefined && this.#hash.at > 0)
      this.#book.add(this.#inode, this.#hash.digest());
    this.#drop();
  }

  /** What was written before `offset` cannot be taken back. */
  #zerosTo(offset: number): void {
    const count = offset - this.#hash!.at;
    if (count < 0) this.#drop();
    else this.#hash!.zeros(count);
  }

  #drop(): void {
    this.#hash = undefined;
  }
}
