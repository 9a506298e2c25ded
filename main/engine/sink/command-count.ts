/** How far a stream has been applied, with a hash that tells whether another one is the same. */
export interface Progress {
  /** Commands applied, from the first on. */
  readonly commands: number;
  /** Over the checksums of these commands; 0 when they came without (in one process). */
  readonly hash: number;
}

export const NOTHING: Progress = { commands: 0, hash: 0 };

/** The hash after one more command; both unsigned 32 bits. */
export function nextHash(hash: number, checksum: number): number {
  const mixed = Math.imul(hash ^ checksum, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
