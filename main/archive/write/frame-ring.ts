/** Plain bytes of a frame at most: what one slot holds, and what the encoder hands over at a time. */
export const FRAME_BYTES = 1 << 20;
const SLOTS = 6;
/** Words: what each side waits on, how far frames have come, and their lengths. */
const FORTH = 0;
const BACK = 1;
const GIVEN = 2;
const ENDING = 3;
const TAKEN = { packer: 4, indexer: 5 } as const;
const LENGTHS = 6;
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

/** Of a ring that nobody uses any more: garbage, it would lie about in three threads. */
let spare: SharedArrayBuffer | undefined;

function takeSpare(): SharedArrayBuffer | undefined {
  const slots = spare;
  spare = undefined;
  return slots;
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
      slots: takeSpare() ?? new SharedArrayBuffer(SLOTS * FRAME_BYTES),
      words: new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT),
    };
    this.#words = new Int32Array(this.memory.words);
    this.#slots = Buffer.from(this.memory.slots);
  }

  /** The engine's, when both threads have come to their end with it: another ring gets its slots. */
  release(): void {
    spare = this.memory.slots;
  }

  taken(by: FrameTaker): number {
    return Atomics.load(this.#words, TAKEN[by]);
  }

  get hasRoom(): boolean {
    return TAKERS.every((taker) => this.#given - this.taken(taker) < SLOTS);
  }

  /** The engine's: at most `FRAME_BYTES`, and only when there is room. Returns the frame's number. */
  put(bytes: Uint8Array): number {
    const number = this.#given;
    this.#slots.set(bytes, this.slotOf(number) * FRAME_BYTES);
    this.#words[LENGTHS + this.slotOf(number)] = bytes.length;
    Atomics.store(this.#words, GIVEN, number + 1);
    this.#signal(FORTH);
    return number;
  }

  /** No more frames come. */
  end(as: 'whole' | 'aborted'): void {
    Atomics.store(this.#words, ENDING, ENDING_AS[as]);
    this.#signal(FORTH);
  }

  /** To be taken before the engine looks whether there is a reason to wait. */
  get mark(): number {
    return Atomics.load(this.#words, BACK);
  }

  /** The engine's: until a thread has told something after `mark`; false: for a second none has. */
  wait(mark: number): boolean {
    return Atomics.wait(this.#words, BACK, mark, WAIT_MS) !== 'timed-out';
  }

  get isAborted(): boolean {
    return Atomics.load(this.#words, ENDING) === ENDING_AS.aborted;
  }

  /** A thread's: waits for frame `number`; false when it does not come. */
  await(number: number): boolean {
    for (;;) {
      const mark = Atomics.load(this.#words, FORTH);
      // Before the frames: the last of them may come between the two looks, and the end behind it.
      const ending = Atomics.load(this.#words, ENDING);
      if (ending === ENDING_AS.aborted) return false;
      if (this.#given > number) return true;
      if (ending === ENDING_AS.whole) return false;
      Atomics.wait(this.#words, FORTH, mark);
    }
  }

  /** A frame that was given and not taken, in the slot itself. */
  frame(number: number): Buffer {
    const slot = this.slotOf(number);
    const at = slot * FRAME_BYTES;
    return this.#slots.subarray(at, at + this.#words[LENGTHS + slot]!);
  }

  slotOf(number: number): number {
    return number % SLOTS;
  }

  take(by: FrameTaker): void {
    Atomics.add(this.#words, TAKEN[by], 1);
    // To be woken for nothing costs the engine more than the look.
    if (this.hasRoom) this.told();
  }

  /** A thread's: the engine has something to look at. */
  told(): void {
    this.#signal(BACK);
  }

  get #given(): number {
    return Atomics.load(this.#words, GIVEN);
  }

  #signal(word: number): void {
    Atomics.add(this.#words, word, 1);
    Atomics.notify(this.#words, word);
  }
}
