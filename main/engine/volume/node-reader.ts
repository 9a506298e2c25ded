import { DendroError } from '../../../shared/errors.ts';
import { BlockAcceptor } from './block-acceptor.ts';
import { BlockCopies } from './block-copies.ts';
import { BlocksAhead, GAP_BLOCKS } from './blocks-ahead.ts';
import { BlocksInFlight } from './blocks-in-flight.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { Damage } from './damage.ts';
import type { NodeCache } from './node-cache.ts';
import type { CheckContext, Expected } from './node-check.ts';
import type { Node } from './node.ts';
import { AHEAD_BYTES, RunWindow } from './run-window.ts';

/** Reads of a walk that are under way at a time, and the most that each takes. */
const WALK_READS = 32;
const WALK_BYTES = 128 * 1024;
/** Single blocks from all over the device that are under way at a time. */
const FETCH_READS = 64;
/** Blocks that are begun at a time behind one that steps have led to, and reads for them under way. */
const STEP_BLOCKS = 8;
const STEP_READS = 48;
/** After so many steps in a row more are to be expected. */
const SURE_STEPS = 3;
/** Walks that go on beside each other: the tree itself, the extents' and the checksums'. */
const STEPPED = 8;

/** Tree blocks: read, verified, healed from other copies, cached, read ahead. */
export class NodeReader {
  readonly #chunks: ChunkReader;
  readonly #nodeSize: number;
  readonly #cache: NodeCache;
  readonly #buffer: Uint8Array;
  readonly #inFlight: BlocksInFlight;
  readonly #ahead: BlocksAhead;
  readonly #fetched: BlocksInFlight;
  readonly #following: BlocksInFlight;
  /** Blocks whose children are stepped through, the last ones first: up to where those have been begun. */
  #steps: { readonly parent: number; to: number; count: number }[] = [];
  readonly #acceptor: BlockAcceptor;
  readonly #copies: BlockCopies;
  readonly #window: RunWindow;

  /** @param buffer of `AHEAD_BYTES`, to read into. */
  constructor(
    chunks: ChunkReader,
    check: CheckContext,
    nodeSize: number,
    cache: NodeCache,
    onDamage: (damage: Damage) => void,
    buffer: Uint8Array,
  ) {
    this.#chunks = chunks;
    this.#nodeSize = nodeSize;
    this.#cache = cache;
    this.#buffer = buffer;
    this.#inFlight = new BlocksInFlight(chunks, WALK_READS, WALK_BYTES);
    this.#fetched = new BlocksInFlight(chunks, FETCH_READS, nodeSize);
    this.#following = new BlocksInFlight(chunks, STEP_READS, STEP_BLOCKS * nodeSize);
    this.#ahead = new BlocksAhead(this.#inFlight, nodeSize);
    this.#acceptor = new BlockAcceptor(check, nodeSize);
    this.#copies = new BlockCopies(chunks, check, nodeSize, this.#acceptor, onDamage, buffer);
    this.#window = new RunWindow(nodeSize);
  }

  /** Waits for what is in flight. */
  close(): void {
    this.#inFlight.close();
    this.#fetched.close();
    this.#following.close();
  }

  /** @throws Corrupt `tree-block-damaged`, Io. */
  read(logical: number, expected: Expected): Node {
    const held = this.#held(logical, expected);
    if (held !== undefined) return held;
    const node = this.#copies.read(logical, expected);
    this.#cache.set(node);
    return node;
  }

  /**
   * The child at `slot`, and with it in one request those children from `slot` on that lie
   * near it on the device; the next ones are begun. What is read along and does not check out is just
   * not kept.
   */
  readAhead(parent: Node, slot: number, owner: number | undefined): Node {
    const node = this.#readNear(parent, slot, owner);
    this.#follow(parent, slot);
    return node;
  }

  #readNear(parent: Node, slot: number, owner: number | undefined): Node {
    const logical = parent.childLogical(slot);
    const expected = { generation: parent.childGeneration(slot), level: parent.level - 1, owner };
    const held = this.#held(logical, expected);
    if (held !== undefined) return held;
    const run = this.#window.around(parent, slot);
    if (run.length > 1) this.#readRun(parent, run, owner);
    return this.read(logical, expected);
  }

  /**
   * Begins to read the children from `first` to `last` that lie side by side, and goes on:
   * `read` of them waits for it. False: no more can be begun now.
   */
  startAhead(parent: Node, first: number, last: number): boolean {
    return this.#start(this.#inFlight, parent, first, last);
  }

  /** Steps go on: what comes behind the next children is begun before they are asked for. */
  #follow(parent: Node, slot: number): void {
    const index = this.#steps.findIndex((step) => step.parent === parent.logical);
    const known = index < 0 ? undefined : this.#steps.splice(index, 1)[0];
    const isStep = known !== undefined && slot <= known.to;
    const step = isStep ? known : { parent: parent.logical, to: slot + 1, count: 0 };
    this.#steps.unshift(step);
    if (this.#steps.length > STEPPED) this.#steps.pop();
    if (!isStep) return;
    if (step.count < SURE_STEPS) {
      if (slot === step.to) {
        step.count += 1;
        step.to = slot + 1;
      }
      return;
    }
    if (slot + STEP_BLOCKS < step.to || step.to >= parent.itemCount) return;
    const first = Math.max(step.to, slot + 1);
    step.to = Math.min(first + STEP_BLOCKS, parent.itemCount);
    // what a walk that went elsewhere has left
    while (this.#following.room < STEP_BLOCKS) this.#following.take(this.#following.oldest);
    this.#start(this.#following, parent, first, step.to - 1);
  }

  #start(reads: BlocksInFlight, parent: Node, first: number, last: number): boolean {
    const size = this.#nodeSize;
    reads.forget((logical) => this.#cache.has(logical));
    for (let slot = first; slot <= last;) {
      const start = parent.childLogical(slot);
      let end = slot + 1;
      while (end <= last && parent.childLogical(end) === start + (end - slot) * size) end += 1;
      if (!this.#isComing(start) && !reads.start(start, (end - slot) * size)) return false;
      slot = end;
    }
    return true;
  }

  #isComing(logical: number): boolean {
    return this.#cache.has(logical) || this.#isUnderWay(logical) || this.#ahead.hasQueued(logical);
  }

  #isUnderWay(logical: number): boolean {
    return (
      this.#inFlight.covers(logical) ||
      this.#following.covers(logical) ||
      this.#fetched.covers(logical)
    );
  }

  /**
   * These blocks will be asked for, in about this order: as many as there is room for are read
   * while others are looked at. Takes the place of what was said before.
   */
  expect(blocks: readonly number[]): void {
    const isHere = (logical: number): boolean =>
      this.#cache.has(logical) || this.#fetched.covers(logical);
    this.#ahead.plan(blocks.filter((logical) => !isHere(logical)));
  }

  /**
   * Begins to read blocks from all over the device, and goes on: whoever asks for one waits for it
   * alone. What cannot be read so is read, and told of, when it is asked for.
   * @param blocks addresses.
   */
  fetch(blocks: readonly number[]): void {
    for (const logical of blocks) {
      if (this.#cache.has(logical) || this.#isUnderWay(logical)) continue;
      if (this.#fetched.isFull) this.#keepFetched(FETCH_READS / 2);
      this.#fetched.start(logical, this.#nodeSize);
    }
  }

  /** Those begun first: whoever asks for one later holds it against what its parent says. */
  #keepFetched(count: number): void {
    for (let i = 0; i < count; i += 1) this.#land(this.#fetched, this.#fetched.oldest, {});
  }

  /** From the cache, or from what is in flight. */
  #held(logical: number, expected: Expected): Node | undefined {
    const cached = this.#cache.get(logical);
    if (cached !== undefined && isExpected(cached, expected)) return cached;
    if (this.#ahead.hasQueued(logical)) {
      if (this.#inFlight.isFull) this.#makeRoom(expected);
      this.#ahead.hurry(logical);
    }
    const landed =
      this.#land(this.#inFlight, logical, expected) ??
      this.#land(this.#following, logical, expected) ??
      this.#land(this.#fetched, logical, expected);
    this.#ahead.begin();
    return landed;
  }

  /** A block that is in flight, and with it all that were read along and check out. */
  #land(reads: BlocksInFlight, logical: number, expected: Expected): Node | undefined {
    const run = reads.take(logical);
    if (run === undefined) return undefined;
    const size = this.#nodeSize;
    let wanted: Node | undefined;
    for (let at = 0; at + size <= run.bytes.length; at += size) {
      const address = run.start + at;
      const isWanted = address === logical;
      if (!isWanted && this.#cache.has(address)) continue;
      // what is read along is asked for with what its parent says of it: then it is compared
      const held = isWanted ? expected : { level: expected.level, owner: expected.owner };
      const node = this.#acceptor.accept(run.bytes, at, address, held as Expected);
      if (typeof node === 'string') continue;
      this.#cache.set(node);
      if (isWanted) wanted = node;
    }
    return wanted;
  }

  /** What was begun first is waited for and kept: a block that is asked for now is read in its run. */
  #makeRoom({ level, owner }: Expected): void {
    this.#land(this.#inFlight, this.#inFlight.oldest, { level, owner } as Expected);
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
      const node = this.#acceptor.accept(this.#buffer, logical - start, logical, {
        generation,
        level,
      });
      if (typeof node !== 'string') this.#cache.set(node);
    }
  }

  /** See `BlockCopies.check`. */
  checkCopies(logical: number, expected: Expected): Damage[] {
    return this.#copies.check(logical, expected);
  }

  /** See `BlockCopies.readUnproven`. */
  readUnproven(logical: number, expected: Expected): Node | undefined {
    return this.#copies.readUnproven(logical, expected);
  }

  #readRun(parent: Node, run: readonly number[], owner: number | undefined): void {
    const start = parent.childLogical(run[0]!);
    const length = parent.childLogical(run.at(-1)!) + this.#nodeSize - start;
    if (!this.#readInto(start, length)) return;
    for (const slot of run) {
      const logical = parent.childLogical(slot);
      const expected = { generation: parent.childGeneration(slot), level: parent.level - 1, owner };
      if (this.#cache.has(logical)) continue;
      const node = this.#acceptor.accept(this.#buffer, logical - start, logical, expected);
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
}

function isExpected(node: Node, expected: Expected): boolean {
  return (
    (expected.generation === undefined || node.generation === expected.generation) &&
    (expected.level === undefined || node.level === expected.level)
  );
}
