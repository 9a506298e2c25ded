import { FALLOCATE } from '../../engine/stream/protocol.ts';
import { HASH_BYTES, OP, SAME_PATH, TIMES_BYTES } from '../index/operations.ts';
import { ByteReader, indexDamaged } from '../index/varint.ts';
import type { DueFiles } from './due-files.ts';
import type { ContentVersion, Inode, Kind } from './inode.ts';
import type { StreamRef } from './stream-ref.ts';
import { mismatch, shown, type ArchiveTree } from './tree.ts';

/** Until the stream says otherwise: what a receiver makes. */
const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
const LINK_MODE = 0o777;
const S_IFMT = 0o170000;
const S_IFBLK = 0o060000;
const S_IFIFO = 0o010000;
const S_IFSOCK = 0o140000;

/** What follows offset and length, besides the path that `clone` has. */
const NUMBERS_AFTER_LENGTH: Readonly<Record<number, number>> = {
  [OP.write]: 3,
  [OP.clone]: 1,
  [OP.cloneForeign]: 2,
  [OP.encoded]: 6,
  [OP.missing]: 0,
};

export interface ReplayHooks {
  readonly stream: StreamRef;
  /** What number N of the footer's foreign sources is. @throws Conflict when it is not there */
  foreign(index: number): ContentVersion;
  /** Gets each file whose content changes and has no hash then. */
  readonly due?: DueFiles | undefined;
}

/**
 * Applies the operations of one frame of an index to the tree.
 * @returns the path of the last one. @throws Corrupt
 */
export function replayFrame(tree: ArchiveTree, frame: Buffer, hooks: ReplayHooks): string {
  return new Replay(tree, frame, hooks).run();
}

class Replay {
  readonly #tree: ArchiveTree;
  readonly #in: ByteReader;
  readonly #hooks: ReplayHooks;
  #path = '';
  /** The inode at `#path`; undefined when it must be looked up. */
  #inode: Inode | undefined;

  constructor(tree: ArchiveTree, frame: Buffer, hooks: ReplayHooks) {
    this.#tree = tree;
    this.#in = new ByteReader(frame);
    this.#hooks = hooks;
  }

  run(): string {
    while (!this.#in.isAtEnd) {
      const byte = this.#in.u8();
      if (byte < SAME_PATH) this.#readPath();
      this.#apply(byte & ~SAME_PATH);
    }
    return this.#path;
  }

  #readPath(): void {
    const shared = this.#in.number();
    if (shared > this.#path.length) throw indexDamaged('has a path that cannot be');
    const rest = this.#in.latin1(this.#in.number());
    this.#path = shared === 0 ? rest : this.#path.slice(0, shared) + rest;
    this.#inode = undefined;
  }

  get #at(): Inode {
    return (this.#inode ??= this.#tree.require(this.#path));
  }

  get #file(): Inode {
    const inode = this.#at;
    if (inode.kind !== 'file') throw mismatch(`writes to "${shown(this.#path)}", which is no file`);
    return inode;
  }

  #apply(op: number): void {
    switch (op) {
      case OP.mkfile:
        return this.#make('file', FILE_MODE);
      case OP.mkdir:
        return this.#make('directory', DIRECTORY_MODE);
      case OP.mkfifo:
        return this.#make('fifo', FILE_MODE);
      case OP.mksock:
        return this.#make('socket', FILE_MODE);
      case OP.mknod:
        return this.#mknod();
      case OP.symlink:
        this.#make('symlink', LINK_MODE);
        this.#at.set({ target: this.#bytes() });
        return;
      case OP.rename:
        this.#tree.rename(this.#path, this.#other());
        this.#inode = undefined;
        return;
      case OP.link:
        this.#tree.link(this.#path, this.#other());
        this.#inode = undefined;
        return;
      case OP.unlink:
      case OP.rmdir:
        this.#tree.remove(this.#path);
        this.#inode = undefined;
        return;
      default:
        return this.#applyToInode(op);
    }
  }

  #applyToInode(op: number): void {
    const input = this.#in;
    switch (op) {
      case OP.setXattr: {
        const name = input.latin1(input.number());
        this.#at.setXattr(name, this.#bytes());
        return;
      }
      case OP.removeXattr:
        this.#at.removeXattr(input.latin1(input.number()));
        return;
      case OP.chmod:
        this.#at.mode = input.number() & 0o7777;
        return;
      case OP.chown:
        this.#at.uid = input.number();
        this.#at.gid = input.number();
        return;
      case OP.fileattr:
        this.#at.set({ flags: input.number() });
        return;
      case OP.utimes:
        return this.#utimes();
      case OP.hash:
        return this.#hash();
      case OP.verity:
        return this.#verity();
      default:
        return this.#applyToContent(op);
    }
  }

  #applyToContent(op: number): void {
    const input = this.#in;
    const { stream } = this.#hooks;
    if (op === OP.truncate) return this.#resize(this.#file, input.number());
    if (op === OP.fallocate) return this.#fallocate(input.number());
    const [offset, length] = [input.number(), input.number()];
    if (this.#tree.isNamesOnly) return this.#applySize(op, offset + length);
    this.#changes();
    switch (op) {
      case OP.write: {
        const [chunk, at, stride] = [input.number(), input.number(), input.number()];
        if (length > 0 && (chunk < 1 || (stride < chunk && length > chunk)))
          throw indexDamaged('has no data');
        return this.#file.change({ kind: 'data', offset, length, chunk, at, stride, stream });
      }
      case OP.clone: {
        const source = this.#tree.require(this.#other()).version;
        const sourceOffset = input.number();
        return this.#file.change({ kind: 'clone', offset, length, source, sourceOffset });
      }
      case OP.cloneForeign: {
        const source = this.#hooks.foreign(input.number());
        const sourceOffset = input.number();
        return this.#file.change({ kind: 'clone', offset, length, source, sourceOffset });
      }
      case OP.encoded:
        return this.#encoded(offset, length);
      case OP.missing:
        return this.#file.change({ kind: 'missing', offset, length });
      default:
        throw indexDamaged(`has the unknown operation ${op}`);
    }
  }

  /** Of all that changes content, what a list of names wants: how long the file is. */
  #applySize(op: number, end: number): void {
    const input = this.#in;
    const numbers = NUMBERS_AFTER_LENGTH[op];
    if (numbers === undefined) throw indexDamaged(`has the unknown operation ${op}`);
    if (op === OP.clone) input.skip(input.number());
    for (let i = 0; i < numbers; i += 1) input.number();
    const file = this.#file;
    file.size = Math.max(file.size, end);
  }

  #make(kind: Kind, mode: number): void {
    this.#inode = this.#tree.create(this.#path, kind, this.#in.number(), mode);
  }

  #mknod(): void {
    const number = this.#in.number();
    const mode = this.#in.number();
    this.#inode = this.#tree.create(this.#path, kindOf(mode), number, mode & 0o7777);
    this.#inode.set({ rdev: this.#in.number() });
  }

  #utimes(): void {
    const inode = this.#at;
    const hasOtime = this.#in.u8() === 1;
    inode.setTimes(this.#in.raw(TIMES_BYTES), hasOtime);
  }

  #hash(): void {
    const inode = this.#at;
    const sha256 = this.#in.raw(HASH_BYTES);
    if (this.#tree.isNamesOnly) return;
    inode.setHash(sha256);
    this.#hooks.due?.hashed(inode);
  }

  #verity(): void {
    const [algorithm, blockSize] = [this.#in.number(), this.#in.number()];
    const [salt, signature] = [this.#bytes(), this.#bytes()];
    this.#at.set({ verity: { algorithm, blockSize, salt, signature } });
  }

  #fallocate(mode: number): void {
    const [offset, length] = [this.#in.number(), this.#in.number()];
    const file = this.#file;
    if ((mode & FALLOCATE.punchHole) !== 0) {
      if (this.#tree.isNamesOnly) return;
      this.#changes();
      return file.change({ kind: 'zero', offset, length });
    }
    const size = Math.max(file.size, (mode & FALLOCATE.keepSize) !== 0 ? 0 : offset + length);
    if (size > file.size) this.#resize(file, size);
  }

  #resize(file: Inode, size: number): void {
    if (this.#tree.isNamesOnly) file.size = size;
    else {
      this.#changes();
      file.change({ kind: 'size', size });
    }
  }

  #changes(): void {
    this.#hooks.due?.add(this.#file, this.#path);
  }

  #encoded(offset: number, length: number): void {
    const input = this.#in;
    const [wholeLength, wholeOffset] = [input.number(), input.number()];
    const [compression, encryption] = [input.number(), input.number()];
    const [dataLength, at] = [input.number(), input.number()];
    const { stream } = this.#hooks;
    this.#file.change({
      kind: 'encoded',
      ...{ offset, length, wholeLength, wholeOffset, compression, encryption, dataLength, at },
      stream,
    });
  }

  /** A copy: the frame is borrowed, and what is kept of an inode is not put away at once. */
  #bytes(): Buffer {
    return Buffer.from(this.#in.data());
  }

  #other(): string {
    return this.#in.latin1(this.#in.number());
  }
}

function kindOf(mode: number): Kind {
  const type = mode & S_IFMT;
  if (type === S_IFBLK) return 'block';
  if (type === S_IFIFO) return 'fifo';
  return type === S_IFSOCK ? 'socket' : 'character';
}
