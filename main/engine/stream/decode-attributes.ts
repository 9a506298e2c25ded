import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { ATTRIBUTE as A, ATTRIBUTE_HEADER_SIZE, DATA_HEADER_SIZE_V2 } from './protocol.ts';

const LAST_ATTRIBUTE = A.veritySignature;
/** Ours is kept behind the stock ones. */
const SLOT_RESUME = LAST_ATTRIBUTE + 1;
const HIGH = 0x1_0000_0000;
const MAX_HIGH = 0x1f_ffff;
const SLASH = 0x2f;
const DOT = 0x2e;
/** PATH_MAX of linux/limits.h counts the NUL; NAME_MAX does not. */
const MAX_PATH_BYTES = 4095;
const MAX_NAME_BYTES = 255;
const MAX_XATTR_NAME_BYTES = 255;
export const UUID_BYTES = 16;
const TIME_BYTES = 12;

/**
 * The attributes of one command: where each lies in the buffer. Parsed afresh for each command
 * without allocating; typed reads check the size before anything is believed.
 */
export class Attributes {
  readonly #at = new Int32Array(SLOT_RESUME + 1);
  readonly #size = new Int32Array(SLOT_RESUME + 1);
  readonly #seenIn = new Int32Array(SLOT_RESUME + 1);
  readonly #times = Buffer.alloc(4 * TIME_BYTES);
  #round = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  parse(bytes: Buffer, view: DataView, start: number, end: number, version: number): void {
    this.#bytes = bytes;
    this.#view = view;
    this.#round += 1;
    let at = start;
    while (at < end) {
      if (end - at < DATA_HEADER_SIZE_V2) throw broken('has an attribute that is cut short');
      const type = view.getUint16(at, true);
      const slot = slotOf(type);
      if (this.#seenIn[slot] === this.#round) throw broken(`has attribute ${type} twice`);
      let size: number;
      if (version >= 2 && type === A.data) {
        at += DATA_HEADER_SIZE_V2;
        size = end - at;
      } else {
        if (end - at < ATTRIBUTE_HEADER_SIZE) throw broken('has an attribute that is cut short');
        size = view.getUint16(at + 2, true);
        at += ATTRIBUTE_HEADER_SIZE;
      }
      if (size > end - at) throw broken(`has attribute ${type} longer than the command`);
      this.#seenIn[slot] = this.#round;
      this.#at[slot] = at;
      this.#size[slot] = size;
      at += size;
    }
  }

  has(type: number): boolean {
    return this.#seenIn[slotOf(type)] === this.#round;
  }

  u64(type: number): number {
    const at = this.#find(type, 8);
    const high = this.#view.getUint32(at + 4, true);
    if (high > MAX_HIGH) throw broken(`has a number past 2^53 in attribute ${type}`);
    return this.#view.getUint32(at, true) + high * HIGH;
  }

  /** u64 of which only the lower 32 bits may be used (modes, flags, ids). */
  u32of64(type: number): number {
    const value = this.u64(type);
    if (value >= HIGH) throw broken(`has a number past 2^32 in attribute ${type}`);
    return value;
  }

  u32(type: number): number {
    return this.#view.getUint32(this.#find(type, 4), true);
  }

  u8(type: number): number {
    return this.#view.getUint8(this.#find(type, 1));
  }

  uuid(type: number): Buffer {
    const at = this.#find(type, UUID_BYTES);
    return this.#bytes.subarray(at, at + UUID_BYTES);
  }

  data(type: number): Buffer {
    const slot = this.#slot(type);
    const at = this.#at[slot]!;
    return this.#bytes.subarray(at, at + this.#size[slot]!);
  }

  /** A path below the subvolume's top: neither empty, nor with a NUL, an empty part, `.` or `..`. */
  path(type: number): Buffer {
    const slot = this.#slot(type);
    const at = this.#at[slot]!;
    const end = at + this.#size[slot]!;
    checkPath(this.#bytes, at, end);
    return this.#bytes.subarray(at, end);
  }

  /** As `path`, or empty for the top itself. */
  pathOrTop(type: number): Buffer {
    return this.#size[this.#slot(type)] === 0 ? this.data(type) : this.path(type);
  }

  /**
   * What a symbolic link points to: any bytes but NUL. Behind it one is passed over: the kernel
   * sends the one that btrfs-convert keeps.
   */
  linkTarget(type: number): Buffer {
    const sent = this.data(type);
    const target = sent.at(-1) === 0 ? sent.subarray(0, -1) : sent;
    if (target.length === 0 || target.length > MAX_PATH_BYTES || target.includes(0)) {
      throw broken('has a symbolic link that cannot be');
    }
    return target;
  }

  xattrName(type: number): Buffer {
    const name = this.data(type);
    if (name.length === 0 || name.length > MAX_XATTR_NAME_BYTES || name.includes(0)) {
      throw broken('has an extended attribute without a proper name');
    }
    return name;
  }

  /** The four times in the order of `btrfs_inode_item`; borrowed. */
  times(): Buffer {
    this.#time(A.atime, 0);
    this.#time(A.ctime, TIME_BYTES);
    this.#time(A.mtime, 2 * TIME_BYTES);
    if (this.has(A.otime)) this.#time(A.otime, 3 * TIME_BYTES);
    else this.#times.fill(0, 3 * TIME_BYTES);
    return this.#times;
  }

  #time(type: number, to: number): void {
    const at = this.#find(type, TIME_BYTES);
    if (this.#view.getUint32(at + 8, true) >= 1e9) throw broken('has a time that cannot be');
    this.#bytes.copy(this.#times, to, at, at + TIME_BYTES);
  }

  #find(type: number, size: number): number {
    const slot = this.#slot(type);
    if (this.#size[slot] !== size) {
      throw broken(`has attribute ${type} with ${this.#size[slot]} bytes instead of ${size}`);
    }
    return this.#at[slot]!;
  }

  #slot(type: number): number {
    const slot = slotOf(type);
    if (this.#seenIn[slot] !== this.#round) throw broken(`lacks attribute ${type}`);
    return slot;
  }
}

function slotOf(type: number): number {
  if (type >= 1 && type <= LAST_ATTRIBUTE) return type;
  if (type === A.resumeFrom) return SLOT_RESUME;
  throw broken(`has the unknown attribute ${type}`);
}

function checkPath(bytes: Buffer, start: number, end: number): void {
  if (end - start > MAX_PATH_BYTES) throw broken('has a path of more than 4,095 bytes');
  let part = start;
  for (let at = start; at <= end; at += 1) {
    const byte = at === end ? SLASH : bytes[at]!;
    if (byte === 0) throw broken('has a NUL in a path');
    if (byte !== SLASH) continue;
    checkName(bytes, part, at);
    part = at + 1;
  }
}

function checkName(bytes: Buffer, start: number, end: number): void {
  const length = end - start;
  if (length === 0) throw broken('has an empty name in a path');
  if (length > MAX_NAME_BYTES) throw broken('has a name of more than 255 bytes');
  if (bytes[start] === DOT && (length === 1 || (length === 2 && bytes[start + 1] === DOT))) {
    throw broken('has a path that leads out of its folder ("." or "..")');
  }
}

/** The caller adds which command, and where in the stream. */
export function broken(what: string): DendroError {
  return corrupt('stream-malformed', say`The stream is not valid: a command ${{ what }}.`, {
    hint: 'Send it again; if it was made by another program, report it there.',
  });
}
