import { createRequire } from 'node:module';
import type Koffi from 'koffi';

/** io_setup, io_destroy, io_submit, io_getevents by architecture (asm/unistd.h). */
const NUMBERS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  x64: [206, 207, 209, 208],
  arm64: [0, 1, 2, 4],
};
/** `struct iocb` and `struct io_event` of linux/aio_abi.h. */
const IOCB_BYTES = 64;
const EVENT_BYTES = 32;
const SLOTS = 96;

/**
 * Reads that go on while this thread works: the kernel's own asynchronous I/O (io_submit(2)),
 * which is asynchronous for O_DIRECT alone. Memory must stay where it is until the read is
 * waited for: WebAssembly memory does.
 */
export class AsyncReads {
  readonly #numbers: readonly [number, number, number, number];
  readonly #context: bigint;
  readonly #calls: Calls;
  readonly #iocb = Buffer.allocUnsafeSlow(4096).fill(0);
  readonly #pointer = Buffer.allocUnsafeSlow(4096).fill(0);
  readonly #events = Buffer.allocUnsafeSlow(4096).fill(0);
  /** What each slot's read gave: bytes or a negative errno; undefined while it goes on. */
  readonly #results = new Map<number, number | undefined>();

  private constructor(
    numbers: readonly [number, number, number, number],
    context: bigint,
    calls: Calls,
  ) {
    this.#numbers = numbers;
    this.#context = context;
    this.#calls = calls;
    this.#pointer.writeBigUInt64LE(calls.addressOf(this.#iocb), 0);
  }

  /** Undefined where the kernel, the architecture or a sandbox does not offer it. */
  static open(): AsyncReads | undefined {
    const numbers = NUMBERS[process.arch];
    if (numbers === undefined) return undefined;
    const calls = bind();
    const context = Buffer.allocUnsafeSlow(4096).fill(0);
    if (calls.setup(numbers[0], SLOTS, context) !== 0) return undefined;
    return new AsyncReads(numbers, context.readBigUInt64LE(0), calls);
  }

  /** @returns the slot to wait for, or -1: read it synchronously instead. */
  start(fd: number, target: Uint8Array, at: number, length: number, position: number): number {
    const slot = this.#freeSlot();
    if (slot < 0) return -1;
    const iocb = this.#iocb.subarray(0, IOCB_BYTES).fill(0);
    iocb.writeUInt32LE(slot, 0);
    iocb.writeUInt32LE(fd, 20); // opcode 0 before it is a plain read
    iocb.writeBigUInt64LE(this.#calls.addressOf(target) + BigInt(at), 24);
    iocb.writeBigUInt64LE(BigInt(length), 32);
    iocb.writeBigInt64LE(BigInt(position), 40);
    if (this.#calls.submit(this.#numbers[2], this.#context, 1, this.#pointer) !== 1) return -1;
    this.#results.set(slot, undefined);
    return slot;
  }

  /** Waits for the read; each slot must be waited for once. @returns bytes, or -errno. */
  wait(slot: number): number {
    for (;;) {
      const result = this.#results.get(slot);
      if (result !== undefined) {
        this.#results.delete(slot);
        return result;
      }
      this.#collect();
    }
  }

  #collect(): void {
    const count = this.#calls.getEvents(
      this.#numbers[3],
      this.#context,
      1,
      SLOTS,
      this.#events,
      null,
    );
    for (let i = 0; i < count; i += 1) {
      const slot = this.#events.readUInt32LE(i * EVENT_BYTES);
      this.#results.set(slot, Number(this.#events.readBigInt64LE(i * EVENT_BYTES + 16)));
    }
  }

  #freeSlot(): number {
    for (let slot = 0; slot < SLOTS; slot += 1) if (!this.#results.has(slot)) return slot;
    return -1;
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
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  const library = koffi.load(null);
  const declare = (...parameters: string[]): unknown =>
    library.func('syscall', 'int64_t', ['int64_t', ...parameters]);
  return {
    addressOf: (bytes: Uint8Array) => koffi.address(bytes),
    setup: declare('uint64_t', 'void *'),
    submit: declare('uint64_t', 'int64_t', 'void *'),
    getEvents: declare('uint64_t', 'int64_t', 'int64_t', 'void *', 'void *'),
  } as Calls;
}
