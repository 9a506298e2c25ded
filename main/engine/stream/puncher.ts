import { RangeList } from '../diff/ranges.ts';
import type { Bytes } from './command-sink.ts';
import type { ContentOptions } from './content-writer.ts';
import type { Outgoing } from './outgoing.ts';
import { FALLOCATE } from './protocol.ts';

/** The subvolume that a stream makes, as clone commands name it. */
export interface StreamIdentity {
  readonly uuid: Bytes;
  readonly ctransid: number;
}

/**
 * Makes holes in a file that the receiver has. Version 2 has a command for it. Version 1 has
 * not: there the file is made longer, and the hole behind its end is cloned to where holes are
 * wanted; real holes arrive, and no zeros are sent.
 */
export class Puncher {
  readonly #out: Outgoing;
  readonly #options: ContentOptions;
  readonly #self: StreamIdentity;
  readonly #holes = new RangeList();
  readonly #asides = new RangeList();

  constructor(out: Outgoing, options: ContentOptions, self: StreamIdentity) {
    this.#out = out;
    this.#options = options;
    this.#self = self;
  }

  clear(): void {
    this.#holes.clear();
    this.#asides.clear();
  }

  add(start: number, end: number): void {
    this.#holes.add(start, end);
  }

  /** Space to be kept for this range, after what is there is punched. Version 2. */
  setAside(start: number, end: number): void {
    this.#asides.add(start, end);
  }

  /**
   * @param size of the new file.
   * @param reached the size that the receiver's file has by now.
   * @param isTailEmpty whether the new file has a hole where that size lies within a block.
   * @returns whether the receiver's file has another size afterwards.
   */
  punch(path: Bytes, size: number, reached: number, isTailEmpty: () => boolean): boolean {
    const holes = this.#holes;
    let wasCut = false;
    if (this.#options.noData) this.#announce(path, size);
    else if (this.#options.protocol > 1) this.#fallocate(path);
    else if (holes.count > 0) wasCut = this.#clone(path, size, reached, isTailEmpty);
    this.clear();
    return wasCut;
  }

  #announce(path: Bytes, size: number): void {
    for (let i = 0; i < this.#holes.count; i++) {
      const start = this.#holes.start(i);
      this.#out.updateExtent(path, start, Math.min(this.#holes.end(i), size) - start);
    }
  }

  #fallocate(path: Bytes): void {
    const holes = this.#holes;
    const asides = this.#asides;
    const mode = FALLOCATE.punchHole | FALLOCATE.keepSize;
    for (let i = 0; i < holes.count; i++) {
      this.#out.fallocate(path, mode, holes.start(i), this.#ceil(holes.end(i)) - holes.start(i));
    }
    for (let i = 0; i < asides.count; i++) {
      const start = asides.start(i);
      this.#out.fallocate(path, FALLOCATE.keepSize, start, asides.end(i) - start);
    }
  }

  #clone(path: Bytes, size: number, reached: number, isTailEmpty: () => boolean): boolean {
    const holes = this.#holes;
    const { uuid, ctransid } = this.#self;
    let inner = holes.count;
    const last = inner - 1;
    let at = reached;
    if (holes.end(last) >= size) {
      this.#out.truncate(path, holes.start(last));
      at = holes.start(last);
      inner = last;
    }
    if (inner === 0) return true;
    const sector = this.#options.sectorSize;
    // Making a file longer writes the block that its end lies within, also where it is a hole.
    if (at % sector !== 0 && isTailEmpty()) this.#out.truncate(path, at - (at % sector));
    let longest = 0;
    for (let i = 0; i < inner; i++) {
      longest = Math.max(longest, holes.end(i) - holes.start(i));
    }
    const base = this.#ceil(Math.max(at, size));
    this.#out.truncate(path, base + longest);
    for (let i = 0; i < inner; i++) {
      const start = holes.start(i);
      this.#out.clone(path, start, holes.end(i) - start, uuid, ctransid, path, base);
    }
    return true;
  }

  #ceil(offset: number): number {
    return Math.ceil(offset / this.#options.sectorSize) * this.#options.sectorSize;
  }
}
