import type { DendroError } from '../../shared/errors.ts';
import type { EntryType } from '../../shared/model/entry.ts';
import type { Stretch } from '../engine/proof/same-bytes.ts';
import type { Note } from '../../shared/said.ts';

export type { Stretch } from '../engine/proof/same-bytes.ts';

/** One inode of a tree, wherever the tree lies. */
export interface PlacedNode {
  readonly type: EntryType;
  /** The same for two names of one inode. */
  readonly identity: unknown;
  /** Of the inode where the place has such numbers, else 0. */
  readonly inode: number;
  readonly links: number;
  /** Of a file. */
  readonly sizeBytes: number;
  /** Of them, what is no hole. @throws Corrupt, Io where that cannot be told */
  readonly dataBytes: number;
  /** Permission bits, 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds and nanoseconds since 1970; undefined where the place does not say. */
  readonly modified: { readonly seconds: number; readonly nanoseconds: number } | undefined;
  /** 48 bytes as in `btrfs_inode_item`; undefined where the place does not say. */
  readonly times: Uint8Array | undefined;
  /** Of a device node, as send streams carry it. */
  readonly rdev: number;
  /** BTRFS_INODE_* flags; undefined where the place does not keep them. */
  readonly flags: number | undefined;
  /** Where a symbolic link leads. */
  target(): Buffer | undefined;
  /** By name, a character a byte. */
  xattrs(): ReadonlyMap<string, Buffer>;
  /** Why nothing but its name, its type and, of a folder, its names is known; left out otherwise. */
  readonly problem?: DendroError | undefined;
  /**
   * What a folder holds, by name, a character a byte.
   * @param onLost told why names may be missing, where what can be read will do.
   */
  children(onLost?: (error: DendroError) => void): ReadonlyMap<string, PlacedNode>;
  /** One of them, without a look at the others. */
  child(name: string): PlacedNode | undefined;
  /** A file's data from `from` on, in order. @throws Corrupt, Io where it is damaged */
  read(from?: number, length?: number): Iterable<Stretch>;
}

/** A tree that is open. */
export interface PlacedTree {
  readonly top: PlacedNode;
  /** What to call it. */
  readonly name: string;
  /** What a person should know of it. */
  readonly notes: readonly Note[];
  /** Nothing of it can be read any more: its drive was pulled. */
  isGone(): boolean;
  close(): void;
}

export const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();

export function modifiedMs({ modified }: PlacedNode): number {
  if (modified === undefined) return 0;
  const ms = modified.seconds * 1_000 + Math.floor(modified.nanoseconds / 1_000_000);
  // A damaged or absurd time must not make the whole tree unreadable.
  return Number.isSafeInteger(ms) ? ms : 0;
}
