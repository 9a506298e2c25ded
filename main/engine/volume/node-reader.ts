import { corrupt, DendroError } from '../../../shared/errors.ts';
import { BlocksAhead, GAP_BLOCKS } from './blocks-ahead.ts';
import { BlocksInFlight } from './blocks-in-flight.ts';
import type { ChunkReader, Place } from './chunk-reader.ts';
import type { Damage } from './damage.ts';
import type { NodeCache } from './node-cache.ts';
import { nodeFault, type CheckContext, type Expected } from './node-check.ts';
import { Node } from './node.ts';

/** The size of the buffer that a reader is given. */
export const AHEAD_BYTES = 2048 * 1024;
/** A walk that goes on doubles this, block by block, up to what the buffer holds. */
const FIRST_WINDOW = 4;
/** Reads of a walk that are under way at a time, and the most that each takes. */
const WALK_READS = 32;
const WALK_BYTES = 128 * 1024;
/** Single blocks that are fetched at a time. */
const FETCH_READS = 32;

/**
 * Blocks that come one after the other share so much memory, for each piece has its price. From
 * 128 KiB on malloc would map each anew (M_MMAP_THRESHOLD), and every page of it would fault.
 */
const PIECE_BYTES = 64 * 1024;

/** Where a block stands, and what the block that points to it says of it. */
export interface BlockPointer {
  readonly logical: number;
  readonly generation: number;
  readonly level: number;
}

interface Failure {
  readonly place: Place;
  readonly reason: string;
}

/** Tree blocks: read, verified, healed from other copies, cached, read ahead. */
export class NodeReader {
  readonly #chunks: ChunkReader;
  readonly #check: CheckContext;
  readonly #nodeSize: number;
  readonly #cache: NodeCache;
  readonly #onDamage: (damage: Damage) => void;
  readonly #buffer: Uint8Array;
  readonly #inFlight: BlocksInFlight;
  readonly #ahead: BlocksAhead;
  readonly #fetched: BlocksInFlight;
  /** What the next blocks are kept in. */
  #piece: ArrayBuffer | undefined;
  #pieceUsed = 0;
  /** How many children the next run may take, and where the last one ended. */
  #window = FIRST_WINDOW;
  #lastParent = -1;
  #lastSlot = -1;

  constructor(
    chunks: ChunkReader,
    check: CheckContext,
    nodeSize: number,
    cache: NodeCache,
    onDamage: (damage: Damage) => void,
    buffer: Uint8Array,
  ) {
    this.#chunks = chunks;
    this.#check = check;
    this.#nodeSize = nodeSize;
    this.#cache = cache;
    this.#onDamage = onDamage;
    this.#buffer = buffer;
    this.#inFlight = new BlocksInFlight(chunks, WALK_READS, WALK_BYTES);
    this.#fetched = new BlocksInFlight(chunks, FETCH_READS, nodeSize);
    this.#ahead = new BlocksAhead(this.#inFlight, nodeSize);
  }

  /** Waits for what is in flight. */
  close(): void {
    this.#inFlight.close();
    this.#fetched.close();
  }

  /** @throws Corrupt `tree-block-damaged`, Io. */
  read(logical: number, expected: Expected): Node {
    const held = this.#held(logical, expected);
    if (held !== undefined) return held;
    const node = this.#readChecked(logical, expected);
    this.#cache.set(node);
    return node;
  }

  /**
   * The child at `slot`, and with it in one request those children from `slot` on that lie
   * near it on the device. What is read along and does not check out is just not kept.
   */
  readAhead(parent: Node, slot: number, owner: number | undefined): Node {
    const logical = parent.childLogical(slot);
    const expected = { generation: parent.childGeneration(slot), level: parent.level - 1, owner };
    const held = this.#held(logical, expected);
    if (held !== undefined) return held;
    this.#adaptWindow(parent, slot);
    const run = this.#runAround(parent, slot, logical);
    if (run.length > 1) this.#readRun(parent, run, owner);
    return this.read(logical, expected);
  }

  /**
   * Begins to read the children from `first` to `last` that lie side by side, and goes on:
   * `read` of them waits for it. False: no more can be begun now.
   */
  startAhead(parent: Node, first: number, last: number): boolean {
    const size = this.#nodeSize;
    this.#inFlight.forget((logical) => this.#cache.has(logical));
    for (let slot = first; slot <= last;) {
      const start = parent.childLogical(slot);
      let end = slot + 1;
      while (end <= last && parent.childLogical(end) === start + (end - slot) * size) end += 1;
      const isWanted = !this.#cache.has(start) && !this.#inFlight.covers(start);
      if (isWanted && !this.#inFlight.start(start, (end - slot) * size)) return false;
      slot = end;
    }
    return true;
  }

  /**
   * These blocks will be asked for, in about this order: as many as there is room for are read
   * while others are looked at. Takes the place of what was said before.
   */
  expect(blocks: readonly number[]): void {
    this.#ahead.plan(blocks.filter((logical) => !this.#cache.has(logical)));
  }

  /**
   * Fills the cache with blocks from all over the device, many at a time. What cannot be read so is
   * read, and told of, when it is asked for.
   */
  fetch(blocks: readonly BlockPointer[]): void {
    const wanted = blocks.filter(
      ({ logical }) => !this.#cache.has(logical) && !this.#inFlight.covers(logical),
    );
    for (let at = 0; at < wanted.length; at += FETCH_READS) {
      const some = wanted.slice(at, at + FETCH_READS);
      for (const { logical } of some) this.#fetched.start(logical, this.#nodeSize);
      for (const { logical, ...expected } of some) {
        const run = this.#fetched.take(logical);
        const node = run && this.#acceptFrom(run.bytes, 0, logical, expected);
        if (node instanceof Node) this.#cache.set(node);
      }
    }
  }

  /** From the cache, or from what is in flight. */
  #held(logical: number, expected: Expected): Node | undefined {
    const cached = this.#cache.get(logical);
    if (cached !== undefined && isExpected(cached, expected)) return cached;
    if (this.#ahead.hasQueued(logical)) {
      if (this.#inFlight.isFull) this.#makeRoom(expected);
      this.#ahead.hurry(logical);
    }
    const landed = this.#land(logical, expected);
    this.#ahead.begin();
    return landed;
  }

  /** A block that is in flight, and with it all that were read along and check out. */
  #land(logical: number, expected: Expected): Node | undefined {
    const run = this.#inFlight.take(logical);
    if (run === undefined) return undefined;
    const size = this.#nodeSize;
    let wanted: Node | undefined;
    for (let at = 0; at + size <= run.bytes.length; at += size) {
      const address = run.start + at;
      const isWanted = address === logical;
      if (!isWanted && this.#cache.has(address)) continue;
      // what is read along is asked for with what its parent says of it: then it is compared
      const held = isWanted ? expected : { level: expected.level, owner: expected.owner };
      const node = this.#acceptFrom(run.bytes, at, address, held as Expected);
      if (typeof node === 'string') continue;
      this.#cache.set(node);
      if (isWanted) wanted = node;
    }
    return wanted;
  }

  /** What was begun first is waited for and kept: a block that is asked for now is read in its run. */
  #makeRoom({ level, owner }: Expected): void {
    this.#land(this.#inFlight.oldest, { level, owner } as Expected);
  }

  /**
   * Fills the cache with the blocks from `first` on that lie near it, in one request.
   * @param blocks in ascending order of address, all of one level.
   */
  prefetch(
    blocks: readonly { readonly logical: number; readonly generation: number }[],
    first: number,
    level: number,
  ): void {
    const size = this.#nodeSize;
    const start = blocks[first]!.logical;
    if (this.#cache.has(start)) return;
    let last = first;
    while (last + 1 < blocks.length) {
      const next = blocks[last + 1]!.logical;
      const isNear = next - blocks[last]!.logical <= size * (1 + GAP_BLOCKS);
      if (!isNear || next + size - start > AHEAD_BYTES) break;
      last += 1;
    }
    if (last === first || !this.#readInto(start, blocks[last]!.logical + size - start)) return;
    for (const { logical, generation } of blocks.slice(first, last + 1)) {
      if (this.#cache.has(logical)) continue;
      const node = this.#accept(logical - start, logical, { generation, level });
      if (typeof node !== 'string') this.#cache.set(node);
    }
  }

  /**
   * Looks at every copy; what is said of a bad one has `healedBy` only if another is good. A
   * parity that does not give the good block has the reason `parity`: it, or another block of
   * its row, is bad.
   */
  checkCopies(logical: number, expected: Expected): Damage[] {
    const failures: Failure[] = [];
    let good: Place | undefined;
    const ways = this.#waysTo(logical);
    const copies = ways === 0 ? 0 : Math.max(1, this.#chunks.copyCount(logical));
    for (let rank = 0; rank < ways && (rank < copies || good === undefined); rank += 1) {
      const place = this.#chunks.place(logical, rank);
      const result = this.#tryWay(logical, expected, rank);
      if (typeof result !== 'string') good ??= place;
      else failures.push({ place, reason: place.by === 'parity' ? 'parity' : result });
    }
    const hasGoodMirror = good?.by === 'mirror';
    const told = failures.filter(({ place }) => place.by === 'mirror' || hasGoodMirror);
    if (good === undefined && told.length === 0) {
      told.push({ place: this.#plainPlace(logical), reason: failures[0]?.reason ?? 'address' });
    }
    return told.map((failure) => this.#damage(logical, failure, good));
  }

  #plainPlace(logical: number): Place {
    const isMapped = this.#chunks.map.find(logical) !== undefined;
    return isMapped ? this.#chunks.plainPlace(logical) : { device: '', physical: 0, by: 'mirror' };
  }

  #adaptWindow(parent: Node, slot: number): void {
    const goesOn = parent.logical === this.#lastParent ? slot <= this.#lastSlot : slot === 0;
    const most = AHEAD_BYTES / this.#nodeSize;
    this.#window = goesOn ? Math.min(this.#window * 2, most) : FIRST_WINDOW;
    this.#lastParent = parent.logical;
    this.#lastSlot = slot + this.#window;
  }

  /** Slots from `slot` on whose blocks make one dense run around it, by address. */
  #runAround(parent: Node, slot: number, logical: number): number[] {
    const size = this.#nodeSize;
    const limit = Math.min(parent.itemCount, slot + this.#window);
    const near: number[] = [];
    for (let i = slot; i < limit; i += 1) {
      if (Math.abs(parent.childLogical(i) - logical) < AHEAD_BYTES) near.push(i);
    }
    near.sort((a, b) => parent.childLogical(a) - parent.childLogical(b));
    const middle = near.indexOf(slot);
    const isClose = (a: number, b: number): boolean =>
      parent.childLogical(b) - parent.childLogical(a) <= size * (1 + GAP_BLOCKS);
    let first = middle;
    while (first > 0 && isClose(near[first - 1]!, near[first]!)) first -= 1;
    let last = middle;
    while (last + 1 < near.length && isClose(near[last]!, near[last + 1]!)) last += 1;
    const fits = (i: number): boolean =>
      parent.childLogical(near[i]!) + size - parent.childLogical(near[first]!) <= AHEAD_BYTES;
    while (!fits(last) && first < middle) first += 1;
    while (!fits(last)) last -= 1;
    return near.slice(first, last + 1);
  }

  #readRun(parent: Node, run: readonly number[], owner: number | undefined): void {
    const start = parent.childLogical(run[0]!);
    const length = parent.childLogical(run.at(-1)!) + this.#nodeSize - start;
    if (!this.#readInto(start, length)) return;
    for (const slot of run) {
      const logical = parent.childLogical(slot);
      const expected = { generation: parent.childGeneration(slot), level: parent.level - 1, owner };
      if (this.#cache.has(logical)) continue;
      const node = this.#accept(logical - start, logical, expected);
      if (typeof node !== 'string') this.#cache.set(node);
    }
  }

  /** False: the plain read of each block will say why. */
  #readInto(start: number, length: number): boolean {
    try {
      this.#chunks.readWay(start, length, this.#buffer, 0, 0);
      return true;
    } catch (error) {
      if (error instanceof DendroError) return false;
      throw error;
    }
  }

  #readChecked(logical: number, expected: Expected): Node {
    const failures: Failure[] = [];
    const ways = this.#waysTo(logical);
    for (let rank = 0; rank < ways; rank += 1) {
      const place = this.#chunks.place(logical, rank);
      const result = this.#tryWay(logical, expected, rank);
      if (typeof result !== 'string') {
        this.#report(logical, failures, place);
        return result;
      }
      failures.push({ place, reason: result });
    }
    throw damaged(logical, expected, failures);
  }

  #waysTo(logical: number): number {
    if (logical % this.#check.sectorSize !== 0) return 0;
    return Math.max(1, this.#chunks.wayCount(logical));
  }

  #tryWay(logical: number, expected: Expected, rank: number): Node | string {
    try {
      this.#chunks.readWay(logical, this.#nodeSize, this.#buffer, 0, rank);
    } catch (error) {
      if (error instanceof DendroError && error.kind !== 'Bug') return error.code;
      throw error;
    }
    return this.#accept(0, logical, expected);
  }

  /** Checks what is in the buffer; a good block gets memory of its own. */
  #accept(at: number, logical: number, expected: Expected): Node | string {
    return this.#acceptFrom(this.#buffer, at, logical, expected);
  }

  #acceptFrom(buffer: Uint8Array, at: number, logical: number, expected: Expected): Node | string {
    const bytes = buffer.subarray(at, at + this.#nodeSize);
    const view = new DataView(buffer.buffer, buffer.byteOffset + at, this.#nodeSize);
    const fault = nodeFault(bytes, view, logical, expected, this.#check);
    if (fault !== undefined) return fault;
    const own = this.#ownMemory();
    own.set(bytes);
    return new Node(own);
  }

  /** Memory for one block, out of a piece for several. */
  #ownMemory(): Uint8Array<ArrayBuffer> {
    const size = this.#nodeSize;
    if (this.#piece === undefined || this.#pieceUsed + size > this.#piece.byteLength) {
      this.#piece = Buffer.allocUnsafeSlow(Math.max(size, PIECE_BYTES)).buffer;
      this.#pieceUsed = 0;
    }
    const own = new Uint8Array(this.#piece, this.#pieceUsed, size);
    this.#pieceUsed += size;
    return own;
  }

  #report(logical: number, failures: readonly Failure[], good: Place): void {
    for (const failure of failures) {
      // a rebuild that fails does not say which of the row's stripes is at fault
      if (failure.place.by === 'mirror') this.#onDamage(this.#damage(logical, failure, good));
    }
  }

  #damage(logical: number, { place, reason }: Failure, good: Place | undefined): Damage {
    return {
      what: 'metadata',
      reason,
      device: place.device,
      physical: place.physical,
      logical,
      lengthBytes: this.#nodeSize,
      ...(good && { healedBy: good.by, goodDevice: good.device, goodPhysical: good.physical }),
    };
  }
}

function isExpected(node: Node, expected: Expected): boolean {
  return (
    (expected.generation === undefined || node.generation === expected.generation) &&
    (expected.level === undefined || node.level === expected.level)
  );
}

function damaged(logical: number, expected: Expected, failures: readonly Failure[]): DendroError {
  const reasons = [...new Set(failures.map(({ reason }) => reason))].join(', ') || 'address';
  const first = failures[0]?.place;
  const copies = failures.length > 1 ? `in all ${failures.length} copies ` : '';
  return corrupt(
    'tree-block-damaged',
    `The tree block at ${logical} is bad ${copies}(${reasons}).`,
    {
      hint: 'Try dendro rescue on the device; btrfs check tells more.',
      place: {
        logical,
        ...(first && { device: first.device, physical: first.physical }),
        ...(expected.owner !== undefined && { tree: expected.owner }),
      },
    },
  );
}
