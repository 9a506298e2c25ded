import type { BlocksInFlight } from './blocks-in-flight.ts';

/** Blocks whose order of address decides: as many as are to be in flight at a time. */
const GROUP = 256;
/** Blocks between two wanted ones that are read along rather than skipped. */
export const GAP_BLOCKS = 2;

interface Run {
  readonly start: number;
  /** Addresses, ascending. */
  readonly blocks: readonly number[];
}

/**
 * Tree blocks that a walk is going to ask for. They are begun to be read in the order of asking,
 * but within a group those that lie near each other on the device in one request: what a
 * transaction wrote lies together, in another order than that of the keys.
 */
export class BlocksAhead {
  readonly #inFlight: BlocksInFlight;
  readonly #nodeSize: number;
  /** Those to begin next, last first. */
  #queue: Run[] = [];
  #queued = new Set<number>();

  constructor(inFlight: BlocksInFlight, nodeSize: number) {
    this.#inFlight = inFlight;
    this.#nodeSize = nodeSize;
  }

  /** Takes the place of what was to come before. @param blocks addresses, in the order of asking. */
  plan(blocks: readonly number[]): void {
    this.#inFlight.keep(new Set(blocks));
    const wanted = blocks.filter((logical) => !this.#inFlight.covers(logical));
    this.#queued = new Set(wanted);
    this.#queue = [];
    for (let at = 0; at < wanted.length; at += GROUP) {
      this.#queue.push(...this.#runsOf(wanted.slice(at, at + GROUP)));
    }
    this.#queue.reverse();
    this.begin();
  }

  /** Begins what there is room for. */
  begin(): void {
    while (this.#queue.length > 0 && !this.#inFlight.isFull) this.#begin(this.#queue.pop()!);
  }

  /** Whether this block is to be read later. */
  hasQueued(logical: number): boolean {
    return this.#queued.has(logical);
  }

  /** A queued block is asked for now: its run is begun before the others, where there is room. */
  hurry(logical: number): void {
    if (this.#inFlight.isFull) return;
    const index = this.#queue.findIndex(({ blocks }) => blocks.includes(logical));
    if (index >= 0) this.#begin(this.#queue.splice(index, 1)[0]!);
  }

  #begin({ start, blocks }: Run): void {
    for (const logical of blocks) this.#queued.delete(logical);
    const length = blocks.at(-1)! + this.#nodeSize - start;
    if (this.#inFlight.start(start, length) || blocks.length === 1) return;
    // not in one piece on its device
    for (const logical of blocks) this.#inFlight.start(logical, this.#nodeSize);
  }

  /** Runs in the order in which the first block of each is asked for. */
  #runsOf(blocks: readonly number[]): Run[] {
    const size = this.#nodeSize;
    const turn = new Map(blocks.map((logical, index) => [logical, index]));
    const runs: { start: number; blocks: number[]; turn: number }[] = [];
    for (const logical of blocks.toSorted((a, b) => a - b)) {
      const run = runs.at(-1);
      const isNear = run !== undefined && logical - run.blocks.at(-1)! <= size * (1 + GAP_BLOCKS);
      const place = turn.get(logical)!;
      if (isNear && this.#inFlight.fits(logical + size - run.start)) {
        run.blocks.push(logical);
        run.turn = Math.min(run.turn, place);
      } else runs.push({ start: logical, blocks: [logical], turn: place });
    }
    return runs.sort((a, b) => a.turn - b.turn);
  }
}
