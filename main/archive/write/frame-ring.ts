/** Plain bytes that one slot holds: what the encoder hands over at a time. */
export const SLOT_BYTES = 1 << 20;
const SLOTS = 6;
/** Words: what happened at all, whether frames end, then two for each of whoever takes them. */
const CHANGED = 0;
const GIVEN = 1;
const ENDING = 2;
const TAKEN = { packer: 3, indexer: 4 } as const;
const LENGTHS = 5;
const WORDS = LENGTHS + SLOTS;
const WAIT_MS = 1_000;

/** The two threads that each get every frame. */
export type FrameTaker = keyof typeof TAKEN;
const TAKERS = Object.keys(TAKEN) as FrameTaker[];

/** How frames end: all have come, or nobody wants the rest. */
const ENDING_AS = { open: 0, whole: 1, aborted: 2 } as const;

export interface RingMemory {
  readonly slots: SharedArrayBuffer;
  readonly words: SharedArrayBuffer;
}

/**
 * Frames of a plain stream on their way from the engine to the threads that pack and index them:
 * a few slots of shared memory. A slot is used again when both have taken what was in it.
 */
export class FrameRing {
  readonly memory: RingMemory;
  readonly #words: Int32Array;
  readonly #slots: Buffer;

  /** @param memory of the other side; without it the ring is a new one */
  constructor(memory?: RingMemory) {
    this.memory = memory ?? {
      slots: new SharedArrayBuffer(SLOTS * SLOT_BYTES),
      words: new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT),
    };
    this.#words = new Int32Array(this.memory.words);
    this.#slots = Buffer.from(this.memory.slots);
  }

  get given(): number {
    return Atomics.load(this.#words, GIVEN);
  }

  taken(by: FrameTaker): number {
    return Atomics.load(this.#words, TAKEN[by]);
  }

  get hasRoom(): boolean {
    return TAKERS.every((taker) => this.given - this.taken(taker) < SLOTS);
  }

  /** The engine's: at most `SLOT_BYTES`, and only when there is room. Returns the frame's number. */
  put(bytes: Uint8Array): number {
    const number = this.given;
    const slot = number % SLOTS;
    this.#slots.set(bytes, slot * SLOT_BYTES);
    this.#words[LENGTHS + slot] = bytes.length;
    Atomics.store(this.#words, GIVEN, number + 1);
    this.changed();
    return number;
  }

  /** A frame that was given and not taken, in the slot itself. */
  frame(number: number): Buffer {
    const slot = number % SLOTS;
    return this.#slots.subarray(
      slot * SLOT_BYTES,
      slot * SLOT_BYTES + this.#words[LENGTHS + slot]!,
    );
  }

  /** The slot of a frame that stays where it is for as long as the ring. */
  slotOf(number: number): number {
    return number % SLOTS;
  }

  take(by: FrameTaker): void {
    Atomics.add(this.#words, TAKEN[by], 1);
    this.changed();
  }

  /** No more frames come. */
  end(as: 'whole' | 'aborted'): void {
    Atomics.store(this.#words, ENDING, ENDING_AS[as]);
    this.changed();
  }

  get isAborted(): boolean {
    return Atomics.load(this.#words, ENDING) === ENDING_AS.aborted;
  }

  /** Waits for frame `number`: false when it does not come. */
  await(number: number): boolean {
    for (;;) {
      const mark = this.mark;
      if (this.isAborted) return false;
      if (this.given > number) return true;
      if (Atomics.load(this.#words, ENDING) === ENDING_AS.whole) return false;
      this.wait(mark);
    }
  }

  /** Wakes whoever waits: something is different now. */
  changed(): void {
    Atomics.add(this.#words, CHANGED, 1);
    Atomics.notify(this.#words, CHANGED);
  }

  /** To be taken before one looks whether there is a reason to wait. */
  get mark(): number {
    return Atomics.load(this.#words, CHANGED);
  }

  /** Until something changes after `mark`; false when nothing did for a second. */
  wait(mark: number): boolean {
    return Atomics.wait(this.#words, CHANGED, mark, WAIT_MS) !== 'timed-out';
  }
}
