import { DendroError } from '../../../shared/errors.ts';
import { settled, type Volume } from '../volume/index.ts';
import type { SectorSums } from './command-sink.ts';

/** A multiple of what either version writes at a time: no write lies across two windows. */
const WINDOW = 1152 * 1024;
const SECTOR = 4096;
/** Windows that are filled while one is looked at: of a disk that is not in memory one is too few. */
const AHEAD = 3;

/** A read that is under way. */
interface Coming {
  readonly from: number;
  readonly length: number;
  readonly memory: Uint8Array;
  /** Of the volume, when it began: in another one this may have come from a device that has left. */
  readonly epoch: number;
  /** Waits for it. @throws Io */
  readonly finish: () => void;
}

/**
 * Verified data of long extents, a window of aligned memory at a time: while one is looked at,
 * the device fills the next ones.
 */
export class DataWindows {
  readonly #volume: Volume;
  #window: Uint8Array;
  readonly #free: Uint8Array[] = [];
  /** In the order in which they will be asked for. */
  #coming: Coming[] = [];
  /** The logical addresses that the window holds. */
  #from = 0;
  #to = 0;
  readonly #sums = new Uint8Array((WINDOW / SECTOR) * 4);
  #hasSums = false;

  constructor(volume: Volume) {
    this.#volume = volume;
    this.#window = volume.allocate(WINDOW);
  }

  close(): void {
    this.#drop();
    for (const memory of [this.#window, ...this.#free]) this.#volume.release(memory);
  }

  /** What the window holds is not to be used any more. */
  forget(): void {
    this.#from = this.#to = 0;
    this.#hasSums = false;
  }

  /**
   * `length` bytes at the address, borrowed until the next call; `wanted` bytes from there are
   * going to be asked for. Of data without checksums only what comes while the volume's epoch stays
   * is to be believed. @throws Corrupt, Io
   */
  view(logical: number, length: number, wanted: number, hasChecksums: boolean): Uint8Array {
    const isInside = logical >= this.#from && logical + length <= this.#to;
    if (!isInside) this.#fill(logical, wanted, hasChecksums);
    const at = logical - this.#from;
    return this.#window.subarray(at, at + length);
  }

  /** The checksums that `view` was held against, when both ends are those of sectors. */
  sums(logical: number, length: number): SectorSums | undefined {
    const isInside = logical >= this.#from && logical + length <= this.#to;
    if (!this.#hasSums || !isInside || logical % SECTOR !== 0 || length % SECTOR !== 0) {
      return undefined;
    }
    return { bytes: this.#sums, at: ((logical - this.#from) / SECTOR) * 4 };
  }

  /** From an address that the caller has just looked up; the window is not kept. */
  viewOnce(logical: number, length: number, hasChecksums: boolean): Uint8Array {
    this.forget();
    const sector = this.#volume.sectorSize;
    const skip = logical % sector;
    const whole = Math.ceil((skip + length) / sector) * sector;
    this.#volume.readData(logical - skip, whole, this.#window, 0, hasChecksums);
    return this.#window.subarray(skip, skip + length);
  }

  #fill(logical: number, wanted: number, hasChecksums: boolean): void {
    const volume = this.#volume;
    const sector = volume.sectorSize;
    const from = logical - (logical % sector);
    const all = Math.ceil((logical - from + wanted) / sector) * sector;
    const length = Math.min(all, WINDOW);
    this.forget();
    const isRead = this.#take(from, length, hasChecksums);
    if (!isRead) volume.readData(from, length, this.#window, 0, hasChecksums);
    else if (hasChecksums) volume.verifyData(from, length, this.#window, 0);
    // Nothing proves such data: if something was committed meanwhile, it is to be read anew.
    if (!hasChecksums && !volume.isCurrent()) volume.refresh();
    this.#hasSums = hasChecksums && volume.copySums(from, length, this.#sums);
    this.#from = from;
    this.#to = from + length;
    this.#begin(from + length, from + all);
  }

  /** Reads ahead up to `to`, behind what is under way. */
  #begin(from: number, to: number): void {
    const last = this.#coming.at(-1);
    let next = last === undefined ? from : last.from + last.length;
    while (next < to && this.#coming.length < AHEAD) {
      const length = Math.min(to - next, WINDOW);
      if (!this.#start(next, length)) return;
      next += length;
    }
  }

  /** False: not possible there, or not now. */
  #start(from: number, length: number): boolean {
    const memory = this.#free.pop() ?? this.#volume.allocate(WINDOW);
    try {
      const finish = this.#volume.startRead(from, length, memory, 0);
      if (finish !== undefined) {
        this.#coming.push({ from, length, memory, epoch: this.#volume.epoch, finish });
        return true;
      }
    } catch (error) {
      if (!(error instanceof DendroError)) throw error; // when it is asked for, it says why
    }
    this.#free.push(memory);
    return false;
  }

  /** Whether the window now holds these bytes, which were under way. */
  #take(from: number, length: number, hasChecksums: boolean): boolean {
    const coming = this.#coming[0];
    const isOfNow = hasChecksums || coming?.epoch === this.#volume.epoch;
    if (coming?.from !== from || coming.length < length || !isOfNow) {
      this.#drop();
      return false;
    }
    this.#coming.shift();
    this.#free.push(this.#window);
    this.#window = coming.memory;
    return settled(coming.finish);
  }

  #drop(): void {
    for (const coming of this.#coming.splice(0)) {
      settled(coming.finish);
      this.#free.push(coming.memory);
    }
  }
}
