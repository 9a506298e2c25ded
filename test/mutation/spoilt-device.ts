import type { Device, MemoryDevice } from '../../main/engine/device/index.ts';

export const SECTOR = 4096;
/** Sectors by their offset. */
export type Sectors = ReadonlyMap<number, Uint8Array>;

/** A device some of whose sectors read as something else. */
export class SpoiltDevice implements Device {
  readonly #whole: MemoryDevice;
  readonly #sectors: Sectors;

  constructor(whole: MemoryDevice, sectors: Sectors) {
    this.#whole = whole;
    this.#sectors = sectors;
  }

  get name(): string {
    return this.#whole.name;
  }

  get sizeBytes(): number {
    return this.#whole.sizeBytes;
  }

  read(position: number, length: number, target: Uint8Array, targetOffset: number): void {
    this.#whole.read(position, length, target, targetOffset);
    const end = position + length;
    for (let at = position - (position % SECTOR); at < end; at += SECTOR) {
      const sector = this.#sectors.get(at);
      if (sector === undefined) continue;
      const [from, to] = [Math.max(at, position), Math.min(at + SECTOR, end)];
      target.set(sector.subarray(from - at, to - at), targetOffset + from - position);
    }
  }

  close(): void {}
}
