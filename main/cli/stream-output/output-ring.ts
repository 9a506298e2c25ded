/** The most that is handed over at a time. */
export const SLOT_BYTES = 1 << 19;
const SLOTS = 4;
/** Words: what each side waits on, how far slots have come, and their lengths. */
const FORTH = 0;
const BACK = 1;
const STATE = 2;
const GIVEN = 3;
const TAKEN = 4;
const LENGTHS = 5;
const WORDS = LENGTHS + SLOTS;
const WAIT_MS = 1_000;
/** The writer, which is the quicker one, is woken for so many slots: a wake is dear where it is virtual. */
const WAKE_SLOTS = 2;

const STATES = { new: 0, started: 1, ended: 2 } as const;

export interface OutputRingMemory {
  readonly slots: SharedArrayBuffer;
  readonly words: SharedArrayBuffer;
}

/** Commands on their way from the thread that encodes to the one that writes: slots in turn. */
export class OutputRing {
  readonly memory: OutputRingMemory;
  readonly #words: Int32Array;
  readonly #slots: Uint8Array[];

  /** @param memory of the other side; without it the ring is a new one */
  constructor(memory?: OutputRingMemory) {
    this.memory = memory ?? {
      slots: new SharedArrayBuffer(SLOTS * SLOT_BYTES),
      words: new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT),
    };
    this.#words = new Int32Array(this.memory.words);
    this.#slots = Array.from(
      { length: SLOTS },
      (_, i) => new Uint8Array(this.memory.slots, i * SLOT_BYTES, SLOT_BYTES),
    );
  }

  /** The encoder's side. */

  get hasRoom(): boolean {
    return this.#given - this.#taken < SLOTS;
  }

  get isIdle(): boolean {
    return this.#given === this.#taken;
  }

  get isStarted(): boolean {
    return Atomics.load(this.#words, STATE) !== STATES.new;
  }

  /**
   * When there is room. They are copied: into shared memory whole pieces go as fast as anywhere, single
   * fields and odd places three times as slowly.
   */
  put(bytes: Uint8Array): void {
    const slot = this.#given % SLOTS;
    this.#slots[slot]!.set(bytes);
    this.#words[LENGTHS + slot] = bytes.length;
    Atomics.add(this.#words, GIVEN, 1);
    if (this.#given - this.#taken >= WAKE_SLOTS) this.wake();
  }

  /** Before one waits for the writer: it may sleep before what was handed over. */
  wake(): void {
    this.#signal(FORTH);
  }

  end(): void {
    Atomics.store(this.#words, STATE, STATES.ended);
    this.wake();
  }

  /** To be taken before one looks whether there is a reason to wait. */
  get mark(): number {
    return Atomics.load(this.#words, BACK);
  }

  /** Until the writer has told something after `mark`; false: for a second it has not. */
  wait(mark: number): boolean {
    return Atomics.wait(this.#words, BACK, mark, WAIT_MS) !== 'timed-out';
  }

  /** The writer's side. */

  started(): void {
    Atomics.compareExchange(this.#words, STATE, STATES.new, STATES.started);
  }

  /** Waits for a slot that was handed over; undefined when none comes any more. */
  next(): Uint8Array | undefined {
    for (;;) {
      const mark = Atomics.load(this.#words, FORTH);
      const taken = this.#taken;
      if (this.#given > taken) {
        const slot = taken % SLOTS;
        return this.#slots[slot]!.subarray(0, this.#words[LENGTHS + slot]!);
      }
      if (Atomics.load(this.#words, STATE) === STATES.ended) return undefined;
      Atomics.wait(this.#words, FORTH, mark);
    }
  }

  /** The slot that `next` gave may be used again. */
  take(): void {
    Atomics.add(this.#words, TAKEN, 1);
    this.told();
  }

  /** The encoder has something to look at. */
  told(): void {
    this.#signal(BACK);
  }

  get #given(): number {
    return Atomics.load(this.#words, GIVEN);
  }

  get #taken(): number {
    return Atomics.load(this.#words, TAKEN);
  }

  #signal(word: number): void {
    Atomics.add(this.#words, word, 1);
    Atomics.notify(this.#words, word);
  }
}
