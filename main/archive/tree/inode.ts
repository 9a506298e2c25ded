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
  /** BTRFS_INODE_* flags, as far as the stream says. */
  flags = 0;
  size = 0;
  links = 1;
  /** Of a device node, in the stream's encoding. */
  rdev = 0;
  target: Buffer | undefined;
  /** By name, a character a byte. */
  xattrs: Map<string, Buffer> | undefined;
  children: Map<string, Inode> | undefined;
  /** Only grows, so that an older version is a beginning of it. */
  content: ContentOp[] | undefined;
  verity: Verity | undefined;
  /** Where the 48 bytes of its times stand. */
  timesIn: Buffer | undefined;
  timesAt = 0;
  hasOtime = false;
  /** Where the SHA-256 of its content as it is now stands. */
  hashIn: Buffer | undefined;
  hashAt = 0;
  /** Some of its data was announced only. */
  isIncomplete = false;

  constructor(kind: Kind, number: number, mode: number) {
    this.kind = kind;
    this.number = number;
    this.mode = mode;
    if (kind === 'directory') this.children = new Map();
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
    (this.content ??= []).push(op);
    this.hashIn = undefined;
    if (op.kind === 'size') this.size = op.size;
    else if (op.kind !== 'zero') this.size = Math.max(this.size, op.offset + op.length);
    if (op.kind === 'missing') this.isIncomplete = true;
  }
}

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
