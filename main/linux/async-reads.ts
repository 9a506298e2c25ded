import { constants } from 'node:os';
import { koffi } from './koffi.ts';

/** io_setup, io_destroy, io_submit, io_getevents by architecture (asm/unistd.h). */
const NUMBERS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  x64: [206, 207, 209, 208],
  arm64: [0, 1, 2, 4],
};
/** `struct iocb` and `struct io_event` of linux/aio_abi.h, in words of 32 bits. */
const IOCB_WORDS = 16;
const IOCB = { data: 0, fd: 5, buffer: 6, bytes: 8, offset: 10 };
const EVENT_WORDS = 8;
const EVENT = { data: 0, result: 4 };
const PAGE = 4096;
const SLOTS = 256;
/**
 * Short reads go to the kernel so many at a time, or so many bytes: of a call for each one, and of
 * waking the driver each time, a walk over many small blocks had a tenth of its time.
 */
const SUBMIT_READS = 8;
const SUBMIT_BYTES = 256 * 1024;
/** With fewer under way than this the device may run out of work: what waits is not kept back then. */
const FEW_READS = 8;
const { EAGAIN } = constants.errno;
const UNDONE = Number.NaN;
const HIGH = 0x1_0000_0000;

/**
 * Reads that go on while this thread works: the kernel's own asynchronous I/O (io_submit(2)),
 * which is asynchronous for O_DIRECT alone. Memory must stay where it is until the read is
 * waited for: WebAssembly memory does.
 */
export class AsyncReads {
  readonly #numbers: readonly [number, number, number, number];
  readonly #context: bigint;
  readonly #calls: Calls;
  /** Those that wait to be submitted, and what points to them. */
  readonly #iocbs = new Int32Array(Buffer.allocUnsafeSlow(PAGE).fill(0).buffer);
  readonly #pointers = Buffer.allocUnsafeSlow(PAGE).fill(0);
  readonly #waiting: number[] = [];
  #waitingBytes = 0;
  /** Reads that the kernel has and that have not been collected. */
  #underWay = 0;
  readonly #events = new Int32Array(Buffer.allocUnsafeSlow(SLOTS * EVENT_WORDS * 4).buffer);
  readonly #eventBytes = new Uint8Array(this.#events.buffer);
  readonly #free = Array.from({ length: SLOTS }, (_, slot) => SLOTS - 1 - slot);
  /** What each slot's read gave: bytes or a negative errno. */
  readonly #results = new Float64Array(SLOTS).fill(UNDONE);
  readonly #addresses = new WeakMap<ArrayBufferLike, number>();

  private constructor(
    numbers: readonly [number, number, number, number],
    context: bigint,
    calls: Calls,
  ) {
    this.#numbers = numbers;
    this.#context = context;
    this.#calls = calls;
    const first = this.#addressOf(new Uint8Array(this.#iocbs.buffer));
    for (let i = 0; i < SUBMIT_READS; i += 1) {
      this.#pointers.writeBigUInt64LE(BigInt(first + i * IOCB_WORDS * 4), i * 8);
    }
  }

  /** Undefined where the kernel, the architecture or a sandbox does not offer it. */
  static open(): AsyncReads | undefined {
    const numbers = NUMBERS[process.arch];
    if (numbers === undefined) return undefined;
    const calls = bind();
    const context = Buffer.allocUnsafeSlow(PAGE).fill(0);
    if (calls.setup(numbers[0], SLOTS, context) !== 0) return undefined;
    return new AsyncReads(numbers, context.readBigUInt64LE(0), calls);
  }

  /** @returns the slot to wait for, or -1: read it synchronously instead. */
  start(fd: number, target: Uint8Array, at: number, length: number, position: number): number {
    const slot = this.#free.pop();
    if (slot === undefined) return -1;
    const address = this.#addressOf(target) + at;
    const iocbs = this.#iocbs;
    const first = this.#waiting.length * IOCB_WORDS; // its opcode, 0, is a plain read
    iocbs[first + IOCB.data] = slot;
    iocbs[first + IOCB.fd] = fd;
    iocbs[first + IOCB.buffer] = address;
    iocbs[first + IOCB.buffer + 1] = address / HIGH;
    iocbs[first + IOCB.bytes] = length;
    iocbs[first + IOCB.offset] = position;
    iocbs[first + IOCB.offset + 1] = position / HIGH;
    this.#waiting.push(slot);
    this.#waitingBytes += length;
    const isEnough = this.#waiting.length === SUBMIT_READS || this.#waitingBytes >= SUBMIT_BYTES;
    if (isEnough) this.submit();
    return slot;
  }

  /** Waits for the read; each slot must be waited for once. @returns bytes, or -errno. */
  wait(slot: number): number {
    if (Number.isNaN(this.#results[slot]!) || this.#underWay < FEW_READS) this.submit();
    while (Number.isNaN(this.#results[slot]!)) this.#collect();
    const result = this.#results[slot]!;
    this.#results[slot] = UNDONE;
    this.#free.push(slot);
    return result;
  }

  /**
   * Hands over what waits: before a file is closed. What the kernel does not take has failed: whoever
   * waits for it reads it synchronously.
   */
  submit(): void {
    const count = this.#waiting.length;
    if (count === 0) return;
    const taken = this.#calls.submit(this.#numbers[2], this.#context, count, this.#pointers);
    this.#underWay += Math.max(0, taken);
    for (const slot of this.#waiting.slice(Math.max(0, taken))) this.#results[slot] = -EAGAIN;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }

  #collect(): void {
    const events = this.#events;
    const count = this.#calls.getEvents(
      this.#numbers[3],
      this.#context,
      1,
      SLOTS,
      this.#eventBytes,
      null,
    );
    this.#underWay -= Math.max(0, count);
    for (let i = 0; i < count; i += 1) {
      const slot = events[i * EVENT_WORDS + EVENT.data]!;
      this.#results[slot] = events[i * EVENT_WORDS + EVENT.result]!;
    }
  }

  #addressOf(bytes: Uint8Array): number {
    let start = this.#addresses.get(bytes.buffer);
    if (start === undefined) {
      start = Number(this.#calls.addressOf(bytes)) - bytes.byteOffset;
      this.#addresses.set(bytes.buffer, start);
    }
    return start + bytes.byteOffset;
  }
}

interface Calls {
  addressOf(bytes: Uint8Array): bigint;
  setup(number: number, events: number, context: Uint8Array): number;
  submit(number: number, context: bigint, count: number, iocbs: Uint8Array): number;
  getEvents(
    number: number,
    context: bigint,
    least: number,
    most: number,
    events: Uint8Array,
    timeout: null,
  ): number;
}

/** Loaded when the first large read begins: short commands do without it. */
function bind(): Calls {
  const library = koffi().load(null);
  const declare = (...parameters: string[]): unknown =>
    library.func('syscall', 'int64_t', ['int64_t', ...parameters]);
  return {
    addressOf: (bytes: Uint8Array) => koffi().address(bytes),
    setup: declare('uint64_t', 'void *'),
    submit: declare('uint64_t', 'int64_t', 'void *'),
    getEvents: declare('uint64_t', 'int64_t', 'int64_t', 'void *', 'void *'),
  } as Calls;
}
