const SLOTS = 4;
/** Words: what each side waits on, how far both have come, and two numbers for each slot. */
const FORTH = 0;
const BACK = 1;
const STATE = 2;
const GIVEN = 3;
const TAKEN = 4;
const BEGUN = 5;
const LENGTHS = 6;
const CHECKED = LENGTHS + SLOTS;
const WORDS = CHECKED + SLOTS;
const WAIT_MS = 1_000;

const STATES = { new: 0, started: 1, ended: 2 } as const;

export interface SlotRingMemory {
  readonly slots: SharedArrayBuffer;
  readonly words: SharedArrayBuffer;
}

export interface Slot {
  readonly bytes: Buffer;
  /** So many of them the giver has looked at. */
  readonly checked: number;
}

/** Pieces of a stream on their way from one thread to another: four slots in turn. */
export class SlotRing {
  readonly memory: SlotRingMemory;
  readonly slotBytes: number;
  readonly #words: Int32Array;
  readonly #slots: Buffer[];

  /** @param memory of the other side, or the size of the slots of a new ring */
  constructor(memory: SlotRingMemory | number) {
    this.memory =
      typeof memory === 'number'
        ? {
            slots: new SharedArrayBuffer(SLOTS * memory),
            words: new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT),
          }
        : memory;
    this.slotBytes = this.memory.slots.byteLength / SLOTS;
    this.#words = new Int32Array(this.memory.words);
    this.#slots = Array.from({ length: SLOTS }, (_, i) =>
      Buffer.from(this.memory.slots, i * this.slotBytes, this.slotBytes),
    );
  }

  /** Both sides. */

  /** What was given and not taken back yet. */
  get waiting(): number {
    return this.#given - this.#taken;
  }

  /** Once the thread that this ring leads to, or comes from, can do something. */
  started(): void {
    Atomics.compareExchange(this.#words, STATE, STATES.new, STATES.started);
  }

  get isStarted(): boolean {
    return Atomics.load(this.#words, STATE) !== STATES.new;
  }

  /** Nothing more is given, or nothing more is wanted. */
  end(): void {
    Atomics.store(this.#words, STATE, STATES.ended);
    this.wakeTaker();
    this.wakeGiver();
  }

  get isEnded(): boolean {
    return Atomics.load(this.#words, STATE) === STATES.ended;
  }

  /** The giver's side. */

  get hasRoom(): boolean {
    return this.waiting < SLOTS;
  }

  /** The memory of the next slot, when there is room. */
  get room(): Buffer {
    return this.#slots[this.#given % SLOTS]!;
  }

  /** How much stands in the first slot already; undefined until the taker has said it. */
  get begun(): number | undefined {
    const word = Atomics.load(this.#words, BEGUN);
    return word === 0 ? undefined : word - 1;
  }

  /** What stands in `room` so far. The taker may sleep before it: see `wakeTaker`. */
  give(length: number, checked = 0): void {
    const slot = this.#given % SLOTS;
    this.#words[LENGTHS + slot] = length;
    this.#words[CHECKED + slot] = checked;
    Atomics.add(this.#words, GIVEN, 1);
  }

  /** A wake is dear where the processor is a virtual one. */
  wakeTaker(): void {
    this.#signal(FORTH);
  }

  /** To be taken before one looks whether there is a reason to wait. */
  get giverMark(): number {
    return Atomics.load(this.#words, BACK);
  }

  /** Until the taker has told something after `mark`, or for a second. */
  giverWait(mark: number): void {
    this.#wait(BACK, mark);
  }

  /** The taker's side. */

  /** What the first slot begins with: the giver, which may ask for it, goes on from there. */
  begin(bytes: Uint8Array): void {
    this.room.set(bytes);
    Atomics.store(this.#words, BEGUN, bytes.length + 1);
    this.wakeGiver();
  }

  /** The oldest slot that was given and not taken. */
  get next(): Slot | undefined {
    if (this.waiting === 0) return undefined;
    const slot = this.#taken % SLOTS;
    const bytes = this.#slots[slot]!.subarray(0, this.#words[LENGTHS + slot]!);
    return { bytes, checked: this.#words[CHECKED + slot]! };
  }

  /** `next` may be used again. */
  take(): void {
    Atomics.add(this.#words, TAKEN, 1);
    this.wakeGiver();
  }

  wakeGiver(): void {
    this.#signal(BACK);
  }

  /** As `giverMark`. */
  get takerMark(): number {
    return Atomics.load(this.#words, FORTH);
  }

  /** As `giverWait`. */
  takerWait(mark: number): void {
    this.#wait(FORTH, mark);
  }

  get #given(): number {
    return Atomics.load(this.#words, GIVEN);
  }

  get #taken(): number {
    return Atomics.load(this.#words, TAKEN);
  }

  #wait(word: number, mark: number): void {
    Atomics.wait(this.#words, word, mark, WAIT_MS);
  }

  #signal(word: number): void {
    Atomics.add(this.#words, word, 1);
    Atomics.notify(this.#words, word);
  }
}
