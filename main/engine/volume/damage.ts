import { DendroError } from '../../../shared/errors.ts';

/** Something that was bad on a disk, and what was done about it. */
export interface Damage {
  readonly what: 'superblock' | 'metadata' | 'data';
  /** Stable and kebab-case: `checksum`, `generation`, `device-read-failed`, ... */
  readonly reason: string;
  readonly device: string;
  readonly physical: number;
  readonly logical: number;
  readonly lengthBytes: number;
  /**
   * How the good content was had; absent when there was none. The place is that of the good
   * copy; of `parity`, that of the P or Q it was rebuilt with.
   */
  readonly healedBy?: 'mirror' | 'parity';
  readonly goodDevice?: string;
  readonly goodPhysical?: number;
  /** The filesystem was written to meanwhile: the place may just have been used again. */
  readonly uncertain?: boolean;
  /** For data, when the reader knows whose it is. */
  readonly tree?: number;
  readonly inode?: number;
  readonly path?: Uint8Array;
  /** Byte offset in the file. */
  readonly offset?: number;
}

/** Whose data is being read: said of damage that is met. */
export interface DataOwner {
  readonly tree: number;
  readonly inode: number;
  /** In the file, of the first byte asked for. */
  readonly offset: number;
  /** False for a compressed extent: all of it stands for `offset`. */
  readonly isPlain: boolean;
}

/**
 * Damage can be gone around, and so can one file that is whole and not understood; that nobody
 * may go on, or that we are wrong, cannot.
 */
export function isDamage(error: unknown): error is DendroError {
  if (!(error instanceof DendroError)) return false;
  const isOneFile = error.kind === 'Unsupported' && error.place.inode !== undefined;
  return isOneFile || error.kind === 'Corrupt' || error.kind === 'Io';
}
