/**
 * What bytes stand at an offset: a block device, an image file, or memory. Knows
 * nothing of btrfs.
 */
export interface Device {
  /** For people and messages: the path it was opened by. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * Fills `target` from `targetOffset` with `length` bytes at `position`.
   * Zero copy when the target is from `allocateAligned` and everything is a multiple
   * of 4,096; else through a bounce buffer.
   * @throws Io `device-read-failed`, `device-too-short`; never short.
   */
  read(position: number, length: number, target: Uint8Array, targetOffset: number): void;
  /**
   * Begins the same read and lets the caller go on working; the function that comes back
   * waits for it and throws what `read` would. It must be called, before the target is
   * used or given back. Undefined: not possible here; use `read`.
   */
  startRead?(
    position: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
  ): (() => void) | undefined;
  close(): void;
}
