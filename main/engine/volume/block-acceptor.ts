import { HEADER } from '../format/layouts.ts';
import { nodeFault, type structureFault, type CheckContext, type Expected } from './node-check.ts';
import { Node } from './node.ts';

/**
 * Blocks that come one after the other share so much memory, for each piece has its price. From
 * 128 KiB on malloc would map each anew (M_MMAP_THRESHOLD), and every page of it would fault.
 */
const PIECE_BYTES = 64 * 1024;

/** Makes nodes of blocks that check out, each in memory of its own. */
export class BlockAcceptor {
  readonly #check: CheckContext;
  readonly #nodeSize: number;
  /** Inner blocks are kept for longer: a piece with one among leaves would stay for its sake. */
  readonly #leaves: BlockMemory;
  readonly #inner: BlockMemory;

  constructor(check: CheckContext, nodeSize: number) {
    this.#check = check;
    this.#nodeSize = nodeSize;
    this.#leaves = new BlockMemory(nodeSize);
    this.#inner = new BlockMemory(nodeSize);
  }

  /**
   * Checks what stands at a place of the buffer. @returns the node, or the word of `nodeFault`.
   * @param faultOf what it is held to; `structureFault` lets a wrong checksum pass.
   */
  accept(
    buffer: Uint8Array,
    at: number,
    logical: number,
    expected: Expected,
    faultOf: typeof structureFault = nodeFault,
  ): Node | string {
    const bytes = buffer.subarray(at, at + this.#nodeSize);
    const view = new DataView(buffer.buffer, buffer.byteOffset + at, this.#nodeSize);
    const fault = faultOf(bytes, view, logical, expected, this.#check);
    if (fault !== undefined) return fault;
    const isLeaf = view.getUint8(HEADER.at.level) === 0;
    const own = (isLeaf ? this.#leaves : this.#inner).next();
    own.set(bytes);
    return new Node(own);
  }
}

/** Memory for one block after the other, out of pieces for several. */
class BlockMemory {
  readonly #nodeSize: number;
  #piece: ArrayBuffer | undefined;
  #used = 0;

  constructor(nodeSize: number) {
    this.#nodeSize = nodeSize;
  }

  next(): Uint8Array<ArrayBuffer> {
    const size = this.#nodeSize;
    if (this.#piece === undefined || this.#used + size > this.#piece.byteLength) {
      this.#piece = Buffer.allocUnsafeSlow(Math.max(size, PIECE_BYTES)).buffer;
      this.#used = 0;
    }
    const own = new Uint8Array(this.#piece, this.#used, size);
    this.#used += size;
    return own;
  }
}
