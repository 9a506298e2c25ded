/** Something that was bad on a disk, and what was done about it. */
export interface Damage {
  readonly what: 'superblock' | 'metadata' | 'data';
  /** Stable and kebab-case: `checksum`, `generation`, `device-read-failed`, ... */
  readonly reason: string;
  readonly device: string;
  readonly physical: number;
  readonly logical: number;
  readonly lengthBytes: number;
  /** Where the good copy was; absent when there was none. */
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
