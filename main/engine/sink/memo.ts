import type { Attributes } from './attributes.ts';
import type { Range } from './data-ranges.ts';

/** No property among the others, and no map of all memos, which would have to be kept. */
const INODE = Symbol('inode');

/** What a plain folder cannot keep of one inode; undefined where it keeps it itself. */
export interface Memo {
  /** Its number, once it has one. */
  [INODE]?: number;
  mode?: number | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
  /** As in `btrfs_inode_item`: 48 bytes, in hexadecimal digits. */
  times?: string | undefined;
  /** BTRFS_INODE_* flags. */
  flags?: number | undefined;
  xattrs?: Attributes | undefined;
  /** It is in the sidecar only: a device node, say, or a link where there can be none. */
  absent?:
    | { readonly kind: 'node'; readonly mode: number; readonly rdev: number }
    | { readonly kind: 'symlink'; readonly target: Buffer }
    | undefined;
  /** It is larger than a file can be here: the rest of it lies beside. */
  large?: LargeFile | undefined;
  /** Where nothing was ever written, in order, if the filesystem does not tell; see known-holes.ts. */
  holes?: readonly Range[] | undefined;
  /** Its names are copies of each other, because there are no hard links here. */
  isCopied?: boolean | undefined;
  /** The mode to end with: until then the owner may do what the rest of the stream asks for. */
  late?: number | undefined;
  /** The `copy` of the name that was changed: the others are due. */
  changed?: number | undefined;
}

/**
 * A file of which only the first `head` bytes are at their place; part K holds what comes from
 * `head + K * part` on, at most `part` bytes of it. What no part holds is zeros.
 */
export interface LargeFile {
  readonly id: number;
  readonly head: number;
  readonly part: number;
  size: number;
}

/** Numbers for what several names share, the same as long as it is kept. */
export class InodeNumbers {
  #next = 0;

  of(memo: Memo): number {
    return (memo[INODE] ??= this.#next++);
  }

  set(memo: Memo, number: number): void {
    memo[INODE] = number;
    this.#next = Math.max(this.#next, number + 1);
  }
}
