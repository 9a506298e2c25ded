import { readU64 } from '../format/numbers.ts';
import { HEADER, ITEM, KEY_POINTER } from '../format/layouts.ts';

/**
 * ```
 * leaf:   | header 101 | item 25 | item 25 | ...free... | data of item 1 | data of item 0 |
 * inner:  | header 101 | pointer 33 | pointer 33 | ...free...                             |
 * ```
 * A tree block that has passed `nodeFault`: everything in header, keys and item bounds may
 * be believed; what the items hold may not. The bytes are never reused: hold on as you like.
 */
export class Node {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly logical: number;
  readonly generation: number;
  readonly owner: number;
  readonly level: number;
  readonly itemCount: number;
  readonly #stride: number;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.bytes = bytes;
    this.view = view;
    this.logical = readU64(view, HEADER.at.logical);
    this.generation = readU64(view, HEADER.at.generation);
    this.owner = readU64(view, HEADER.at.owner);
    this.itemCount = view.getUint32(HEADER.at.itemCount, true);
    this.level = view.getUint8(HEADER.at.level);
    this.#stride = this.level === 0 ? ITEM.size : KEY_POINTER.size;
  }

  /** Signed: the special ids near 2^64 are small negatives. @throws Corrupt past ±2^53. */
  objectId(slot: number): number {
    return readU64(this.view, HEADER.size + slot * this.#stride);
  }
  type(slot: number): number {
    return this.bytes[HEADER.size + slot * this.#stride + 8]!;
  }
  /** Signed like `objectId`. @throws Corrupt past ±2^53: use the halves for hashes and UUIDs. */
  offset(slot: number): number {
    return readU64(this.view, HEADER.size + slot * this.#stride + 9);
  }
  /** The same of an EXTENT_DATA item: up to 2^63, exact where it is a multiple of 1,024. */
  fileOffset(slot: number): number {
    return this.offsetHigh(slot) * 2 ** 32 + this.offsetLow(slot);
  }
  objectLow(slot: number): number {
    return this.view.getUint32(HEADER.size + slot * this.#stride, true);
  }
  objectHigh(slot: number): number {
    return this.view.getUint32(HEADER.size + slot * this.#stride + 4, true);
  }
  offsetLow(slot: number): number {
    return this.view.getUint32(HEADER.size + slot * this.#stride + 9, true);
  }
  offsetHigh(slot: number): number {
    return this.view.getUint32(HEADER.size + slot * this.#stride + 13, true);
  }

  /** Leaf: where the item's data begins in `bytes`. */
  dataStart(slot: number): number {
    return HEADER.size + this.view.getUint32(HEADER.size + slot * ITEM.size + 17, true);
  }
  dataSize(slot: number): number {
    return this.view.getUint32(HEADER.size + slot * ITEM.size + 21, true);
  }
  /** Leaf: the item's data, borrowed. */
  data(slot: number): Uint8Array {
    const start = this.dataStart(slot);
    return this.bytes.subarray(start, start + this.dataSize(slot));
  }

  /** Inner node: where the child stands. */
  childLogical(slot: number): number {
    return readU64(this.view, HEADER.size + slot * KEY_POINTER.size + 17);
  }
  childGeneration(slot: number): number {
    return readU64(this.view, HEADER.size + slot * KEY_POINTER.size + 25);
  }

  /** Below, at or above 0 as the slot's key is below, at or above the given halves. */
  compareKey(
    slot: number,
    objectHigh: number,
    objectLow: number,
    type: number,
    offsetHigh: number,
    offsetLow: number,
  ): number {
    const { view } = this;
    const at = HEADER.size + slot * this.#stride;
    return (
      view.getUint32(at + 4, true) - objectHigh ||
      view.getUint32(at, true) - objectLow ||
      view.getUint8(at + 8) - type ||
      view.getUint32(at + 13, true) - offsetHigh ||
      view.getUint32(at + 9, true) - offsetLow
    );
  }

  /** Compares a key here with one of another node. */
  compareWith(slot: number, other: Node, otherSlot: number): number {
    return this.compareKey(
      slot,
      other.objectHigh(otherSlot),
      other.objectLow(otherSlot),
      other.type(otherSlot),
      other.offsetHigh(otherSlot),
      other.offsetLow(otherSlot),
    );
  }
}
