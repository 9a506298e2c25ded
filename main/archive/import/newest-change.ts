import type { Bytes } from '../../engine/stream/command-sink.ts';

/** Where the change time stands in the times of a stream: behind the access time. */
const CTIME_AT = 12;

/**
 * The newest change time of a stream's inodes: a snapshot was taken no earlier. The kernel sets it
 * and no program can, so it is as right as the clock was; what has not come yet is left aside.
 */
export class NewestChange {
  readonly #nowSeconds: number;
  #seconds = 0;

  constructor(nowMs: number) {
    this.#nowSeconds = Math.floor(nowMs / 1000);
  }

  get atMs(): number | null {
    return this.#seconds === 0 ? null : this.#seconds * 1000;
  }

  /** @param times of an inode, as in btrfs_inode_item: atime, ctime ... of 12 bytes each. */
  see(times: Bytes): void {
    const { buffer, byteOffset, byteLength } = times;
    const view = new DataView(buffer, byteOffset, byteLength);
    const high = view.getInt32(CTIME_AT + 4, true);
    const seconds = high * 2 ** 32 + view.getUint32(CTIME_AT, true);
    if (seconds > this.#seconds && seconds <= this.#nowSeconds) this.#seconds = seconds;
  }

  clear(): void {
    this.#seconds = 0;
  }
}
