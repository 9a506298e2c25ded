import { decompress } from '../format/decompress.ts';

/** What the data of files is read from: a volume. */
export interface DataVolume {
  readonly sectorSize: number;
  allocate(lengthBytes: number): Uint8Array;
  release(memory: Uint8Array): void;
  readData(
    logical: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
    hasChecksums?: boolean,
  ): 'verified' | 'unverified';
}

const WINDOW = 1024 * 1024;
const MAX_EXTENT = 128 * 1024;

/** Verified file data by logical address, through one window of aligned memory. */
export class DataSource {
  readonly #volume: DataVolume;
  readonly #window: Uint8Array;
  readonly #decoded = new Uint8Array(MAX_EXTENT);
  #from = 0;
  #to = 0;
  #hasChecksums = true;
  /** The compressed extent that `#decoded` holds. */
  #decodedAt = -1;
  unverifiedBytes = 0;

  constructor(volume: DataVolume) {
    this.#volume = volume;
    this.#window = volume.allocate(WINDOW);
  }

  close(): void {
    this.#volume.release(this.#window);
  }

  /**
   * `length` bytes at an address, borrowed until the next call; `ahead`: bytes from the address
   * on that are going to be asked for, at least `length`. At most `MAX_WRITE_V2` at a time.
   */
  view(logical: number, length: number, ahead: number, hasChecksums: boolean): Uint8Array {
    const isInside = logical >= this.#from && logical + length <= this.#to;
    if (!isInside || this.#hasChecksums !== hasChecksums) this.#fill(logical, ahead, hasChecksums);
    const at = logical - this.#from;
    return this.#window.subarray(at, at + length);
  }

  /** A compressed extent's whole content, `ramBytes` long; borrowed until the next call. */
  decoded(
    logical: number,
    diskLength: number,
    ramBytes: number,
    compression: number,
    hasChecksums: boolean,
  ): Uint8Array {
    const target = this.#decoded.subarray(0, ramBytes);
    if (this.#decodedAt === logical) return target;
    this.#decodedAt = -1;
    const source = this.view(logical, diskLength, diskLength, hasChecksums);
    decompress(compression, source, target, this.#volume.sectorSize);
    this.#decodedAt = logical;
    return target;
  }

  /** Inline data, `ramBytes` long when decoded; borrowed until the next call. */
  decodedInline(source: Uint8Array, ramBytes: number, compression: number): Uint8Array {
    const target = this.#decoded.subarray(0, ramBytes);
    this.#decodedAt = -1;
    decompress(compression, source, target, this.#volume.sectorSize);
    return target;
  }

  #fill(logical: number, ahead: number, hasChecksums: boolean): void {
    const sector = this.#volume.sectorSize;
    const from = logical - (logical % sector);
    const wanted = Math.ceil((logical - from + ahead) / sector) * sector;
    const length = Math.min(wanted, WINDOW);
    this.#to = this.#from = 0;
    const check = this.#volume.readData(from, length, this.#window, 0, hasChecksums);
    if (check === 'unverified') this.unverifiedBytes += length;
    this.#from = from;
    this.#to = from + length;
    this.#hasChecksums = hasChecksums;
  }
}
