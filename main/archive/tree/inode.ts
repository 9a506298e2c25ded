import type { StreamRef } from './stream-ref.ts';

export type Kind = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'block' | 'character';

/** What changed the content of a file, in the order of the streams. */
export type ContentOp =
  | DataRun
  | EncodedPiece
  | {
      readonly kind: 'clone';
      readonly offset: number;
      readonly length: number;
      readonly source: ContentVersion;
      readonly sourceOffset: number;
    }
  | { readonly kind: 'zero' | 'missing'; readonly offset: number; readonly length: number }
  | { readonly kind: 'size'; readonly size: number };

/**
 * Data written in pieces that lie at equal distances in the plain stream: byte `offset + i` of
 * the file is at `at + floor(i / chunk) * stride + i % chunk`.
 */
export interface DataRun {
  readonly kind: 'data';
  readonly offset: number;
  readonly length: number;
  readonly chunk: number;
  readonly at: number;
  readonly stride: number;
  readonly stream: StreamRef;
}

/** A compressed extent passed through, as `EncodedWrite` has it. */
export interface EncodedPiece {
  readonly kind: 'encoded';
  readonly offset: number;
  readonly length: number;
  readonly wholeLength: number;
  readonly wholeOffset: number;
  readonly compression: number;
  readonly encryption: number;
  readonly dataLength: number;
  readonly at: number;
  readonly stream: StreamRef;
}

/** A file's content as it was after its first `count` changes. */
export interface ContentVersion {
  readonly inode: Inode;
  readonly count: number;
  readonly size: number;
}

/** One inode of a snapshot; several names may lead to it. */
export class Inode {
  readonly kind: Kind;
  readonly number: number;
  /** Permission bits, 0o7777. */
  mode: number;
  uid = 0;
  gid = 0;
  size = 0;
  links = 1;
  children: Map<string, Inode> | undefined;
  /** Only grows, so that an older version is a beginning of it. */
  content: ContentOp[] | undefined;
  /** Where the 48 bytes of its times stand, behind the byte that says whether otime is known. */
  timesIn: Buffer | undefined;
  timesAt = 0;
  /** Where the SHA-256 of its content as it is now stands. */
  hashIn: Buffer | undefined;
  hashAt = 0;
  /** Made with the first of them: there may be millions of inodes, and most have none. */
  #rare: Rare | undefined;

  constructor(kind: Kind, number: number, mode: number) {
    this.kind = kind;
    this.number = number;
    this.mode = mode;
    if (kind === 'directory') this.children = new Map();
  }

  /** BTRFS_INODE_* flags, as far as the stream says. */
  get flags(): number {
    return this.#rare?.flags ?? 0;
  }
  /** Of a device node, in the stream's encoding. */
  get rdev(): number {
    return this.#rare?.rdev ?? 0;
  }
  get target(): Buffer | undefined {
    return this.#rare?.target;
  }
  /** By name, a character a byte. */
  get xattrs(): ReadonlyMap<string, Buffer> | undefined {
    return this.#rare?.xattrs;
  }
  get verity(): Verity | undefined {
    return this.#rare?.verity;
  }
  /** Some of its data was announced only. */
  get isIncomplete(): boolean {
    return this.#rare?.isIncomplete ?? false;
  }
  get hasOtime(): boolean {
    return this.timesIn?.[this.timesAt - 1] === 1;
  }

  set(rare: Partial<Rare>): void {
    Object.assign((this.#rare ??= { ...NOTHING_RARE }), rare);
  }

  setXattr(name: string, value: Buffer): void {
    this.set({ xattrs: (this.#rare?.xattrs ?? new Map<string, Buffer>()).set(name, value) });
  }

  removeXattr(name: string): void {
    this.#rare?.xattrs?.delete(name);
  }

  get version(): ContentVersion {
    return { inode: this, count: this.content?.length ?? 0, size: this.size };
  }

  /** The four times in the order of `btrfs_inode_item`; undefined when never said. */
  get times(): Buffer | undefined {
    return this.timesIn?.subarray(this.timesAt, this.timesAt + 48);
  }

  get modifiedAtMs(): number {
    const at = this.timesAt + 24;
    if (this.timesIn === undefined) return 0;
    const seconds = Number(this.timesIn.readBigInt64LE(at));
    const ms = seconds * 1000 + Math.floor(this.timesIn.readUInt32LE(at + 8) / 1e6);
    return Number.isSafeInteger(ms) ? ms : 0;
  }

  get sha256(): Buffer | undefined {
    return this.hashIn?.subarray(this.hashAt, this.hashAt + 32);
  }

  change(op: ContentOp): void {
    this.hashIn = undefined;
    // Each file ends with its size; there is never data behind it.
    if (op.kind === 'size' && op.size === this.size) return;
    // An array that grows from nothing has room for 17.
    if (this.content === undefined) this.content = [op];
    else this.content.push(op);
    if (op.kind === 'size') this.size = op.size;
    else if (op.kind !== 'zero') this.size = Math.max(this.size, op.offset + op.length);
    if (op.kind === 'missing') this.set({ isIncomplete: true });
  }
}

interface Rare {
  flags: number;
  rdev: number;
  target: Buffer | undefined;
  xattrs: Map<string, Buffer> | undefined;
  verity: Verity | undefined;
  isIncomplete: boolean;
}

const NOTHING_RARE: Rare = {
  ...{ flags: 0, rdev: 0, target: undefined, xattrs: undefined, verity: undefined },
  isIncomplete: false,
};

export interface Verity {
  readonly algorithm: number;
  readonly blockSize: number;
  readonly salt: Buffer;
  readonly signature: Buffer;
}

export const KIND_MODE: Readonly<Record<Kind, number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  fifo: 0o010000,
  socket: 0o140000,
  block: 0o060000,
  character: 0o020000,
};
