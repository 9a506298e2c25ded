import type { Bytes, EncodedWrite } from '../../engine/stream/command-sink.ts';
import { ContentHasher } from './content-hasher.ts';
import type { FileHashes } from './file-hash.ts';
import { LOG_FRAME_BYTES, OP, SAME_PATH, TIMES_BYTES } from './operations.ts';
import { ByteWriter } from './varint.ts';

/** A snapshot that file data is cloned from, and which of its files. */
export interface ForeignSource {
  readonly uuid: string;
  readonly ctransid: number;
  /** As text of one character a byte. */
  readonly path: string;
}

interface Run {
  readonly offset: number;
  length: number;
  readonly chunk: number;
  at: number;
  stride: number;
  pieces: number;
  lastAt: number;
  lastLength: number;
}

const FIELDS = 256;
/** The last of the four times. */
const OTIME_BYTES = 12;

/**
 * Writes the operations of one stream (`operations.ts`), frame by frame. Its methods are those
 * of a stream's commands; where file data is, they take its place in the plain stream as well.
 */
export class IndexWriter {
  /** Files of other snapshots that are cloned from. */
  readonly foreign: ForeignSource[] = [];
  readonly hasher: ContentHasher;
  /** Operations written so far. */
  operations = 0;
  dataBytes = 0;
  readonly #out = new ByteWriter(LOG_FRAME_BYTES + 65_536);
  readonly #drain: (frame: Buffer) => void;
  readonly #known = new Map<string, number>();
  readonly #path = Buffer.alloc(8192);
  #pathLength = -1;
  #run: Run | undefined;

  /** @param keepsDue whether somebody will hash what is due */
  constructor(drain: (frame: Buffer) => void, keepsDue = true) {
    this.#drain = drain;
    this.hasher = new ContentHasher((hash) => {
      this.#out.room(FIELDS);
      this.#out.u8(OP.hash | SAME_PATH);
      this.#out.raw(hash);
    }, keepsDue);
  }

  make(op: number, path: Bytes, inode: number): void {
    this.#begin(op, path);
    this.#out.number(inode);
    if (op === OP.mkfile) this.hasher.begin(path);
  }

  mknod(path: Bytes, inode: number, mode: number, rdev: number): void {
    this.make(OP.mknod, path, inode);
    this.#out.number(mode);
    this.#out.number(rdev);
  }

  symlink(path: Bytes, inode: number, target: Bytes): void {
    this.make(OP.symlink, path, inode);
    this.#data(target);
  }

  /** rename and link: two paths. */
  two(op: number, path: Bytes, other: Bytes): void {
    this.#endRun();
    this.hasher.end();
    this.#begin(op, path);
    this.#data(other);
  }

  /** unlink and rmdir. */
  remove(op: number, path: Bytes): void {
    this.#endRun();
    this.hasher.end();
    this.#begin(op, path);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    this.#begin(OP.setXattr, path);
    this.#data(name);
    this.#data(value);
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.#begin(OP.removeXattr, path);
    this.#data(name);
  }

  /** @param at place of the data in the plain stream. */
  write(path: Bytes, offset: number, data: Bytes, at: number): void {
    this.dataBytes += data.length;
    if (!this.#joins(path, offset, data.length, at)) {
      this.#endRun();
      this.#settleHash(path);
      this.#usePath(OP.write, path);
      this.#run = {
        offset,
        length: data.length,
        chunk: data.length,
        at,
        stride: 0,
        pieces: 1,
        lastAt: at,
        lastLength: data.length,
      };
    }
    this.hasher.write(path, offset, data);
  }

  encoded(path: Bytes, write: EncodedWrite, at: number): void {
    this.dataBytes += write.data.length;
    this.#begin(OP.encoded, path);
    this.#numbers(write.offset, write.unencodedFileLength, write.unencodedLength);
    this.#numbers(write.unencodedOffset, write.compression, write.encryption);
    this.#numbers(write.data.length, at);
    this.hasher.spoil(path);
  }

  clone(path: Bytes, offset: number, length: number, source: Bytes, sourceOffset: number): void {
    this.#begin(OP.clone, path);
    this.#numbers(offset, length);
    this.#data(source);
    this.#numbers(sourceOffset);
    this.hasher.spoil(path);
  }

  cloneForeign(
    path: Bytes,
    offset: number,
    length: number,
    source: ForeignSource,
    sourceOffset: number,
  ): void {
    this.#begin(OP.cloneForeign, path);
    this.#numbers(offset, length, this.#foreign(source), sourceOffset);
    this.hasher.spoil(path);
  }

  truncate(path: Bytes, size: number): void {
    this.#begin(OP.truncate, path);
    this.#numbers(size);
    this.hasher.truncate(path, size);
  }

  chmod(path: Bytes, mode: number): void {
    this.#begin(OP.chmod, path);
    this.#numbers(mode);
  }

  chown(path: Bytes, uid: number, gid: number): void {
    this.#begin(OP.chown, path);
    this.#numbers(uid, gid);
  }

  utimes(path: Bytes, times: Bytes, hasOtime: boolean): void {
    this.#begin(OP.utimes, path);
    this.#out.u8(hasOtime ? 1 : 0);
    this.#out.raw(times.subarray(0, TIMES_BYTES));
    // The sender may know a time of birth that the stream does not carry.
    if (!hasOtime) this.#out.bytes.fill(0, this.#out.at - OTIME_BYTES, this.#out.at);
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    this.#begin(OP.fallocate, path);
    this.#numbers(mode, offset, length);
    this.hasher.spoil(path);
  }

  missing(path: Bytes, offset: number, length: number): void {
    this.#begin(OP.missing, path);
    this.#numbers(offset, length);
    this.hasher.lose(path);
  }

  fileattr(path: Bytes, flags: number): void {
    this.#begin(OP.fileattr, path);
    this.#numbers(flags);
  }

  verity(path: Bytes, algorithm: number, block: number, salt: Bytes, signature: Bytes): void {
    this.#begin(OP.verity, path);
    this.#numbers(algorithm, block);
    this.#data(salt);
    this.#data(signature);
  }

  /** Goes on in a frame that was ended, as if it had not been. @param path of its last operation */
  goOn(frame: Uint8Array, path: Bytes): void {
    this.#out.room(frame.length + FIELDS);
    this.#out.raw(frame);
    // No such path is written here, but an index may come from anywhere.
    if (path.length > this.#path.length) return;
    this.#path.set(path);
    this.#pathLength = path.length;
  }

  /** Of files that did not come whole. */
  hashes(all: FileHashes): void {
    for (const { path, sha256 } of all) {
      this.#begin(OP.hash, path);
      this.#out.raw(sha256);
    }
  }

  /** Ends what is open; further operations may follow. */
  settle(): void {
    this.#endRun();
    this.hasher.end();
  }

  flush(): void {
    this.settle();
    if (this.#out.at === 0) return;
    const frame = Buffer.from(this.#out.bytes.subarray(0, this.#out.at));
    this.#out.at = 0;
    this.#pathLength = -1;
    this.#drain(frame);
  }

  #begin(op: number, path: Bytes): void {
    this.#endRun();
    this.#settleHash(path);
    this.#usePath(op, path);
  }

  /** The hash of a file stands behind its last operation, before its name changes. */
  #settleHash(path: Bytes): void {
    if (!this.hasher.isAt(path)) this.hasher.end();
  }

  #usePath(op: number, path: Bytes): void {
    if (this.#out.at >= LOG_FRAME_BYTES) this.#cut();
    this.operations += 1;
    const out = this.#out;
    out.room(path.length + FIELDS);
    const shared = this.#shared(path);
    if (shared === path.length && shared === this.#pathLength) {
      out.u8(op | SAME_PATH);
      return;
    }
    out.u8(op);
    out.number(shared);
    out.data(path.subarray(shared));
    this.#path.set(path);
    this.#pathLength = path.length;
  }

  /** A frame ends between two operations; the first of the next one has its whole path. */
  #cut(): void {
    const frame = Buffer.from(this.#out.bytes.subarray(0, this.#out.at));
    this.#out.at = 0;
    this.#pathLength = -1;
    this.#drain(frame);
  }

  #shared(path: Bytes): number {
    const most = Math.min(path.length, this.#pathLength);
    let i = 0;
    while (i < most && path[i] === this.#path[i]) i += 1;
    return i;
  }

  #isSame(path: Bytes): boolean {
    return path.length === this.#pathLength && this.#shared(path) === path.length;
  }

  /** Whether the data goes on where the run before ended, in pieces of the same size. */
  #joins(path: Bytes, offset: number, length: number, at: number): boolean {
    const run = this.#run;
    if (run === undefined || offset !== run.offset + run.length || !this.#isSame(path))
      return false;
    const stride = run.pieces === 1 ? at - run.at : run.stride;
    if (run.lastLength !== run.chunk || length > run.chunk) return false;
    if (stride < run.chunk || at !== run.lastAt + stride) return false;
    run.stride = stride;
    run.length += length;
    run.pieces += 1;
    run.lastAt = at;
    run.lastLength = length;
    return true;
  }

  #endRun(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    this.#out.room(FIELDS);
    this.#numbers(run.offset, run.length, run.chunk, run.at, run.stride);
  }

  #numbers(...values: number[]): void {
    for (const value of values) this.#out.number(value);
  }

  #data(bytes: Bytes): void {
    this.#out.room(bytes.length + FIELDS);
    this.#out.data(bytes);
  }

  #foreign(source: ForeignSource): number {
    const key = `${source.uuid} ${source.ctransid} ${source.path}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.foreign.push(source) - 1;
      this.#known.set(key, known);
    }
    return known;
  }
}
