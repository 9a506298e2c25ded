import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import { bug, fromErrorData, type ErrorData } from '../../../shared/errors.ts';
import { writeAll } from '../../linux/write-all.ts';
import { endOfCommand, putChecksums } from '../../engine/stream/due-checksums.ts';
import type { Drain } from '../../engine/stream/output.ts';
import { OutputRing, SLOT_BYTES, type OutputRingMemory } from './output-ring.ts';

const ENTRY = import.meta.url.endsWith('.ts') ? './output-worker.ts' : './output-worker.js';
/** Shorter streams are through before a thread has started. */
const THREAD_FROM_BYTES = 16 << 20;
/** Of large ones the copy between the threads costs what the other takes over (measured). */
const SMALL_COMMAND_BYTES = 8 << 10;
/** In seconds: a thread that does not even start is given up after this; no machine is that slow. */
const START_TRIES = 120;

export interface OutputThreadData {
  readonly fd: number;
  readonly ring: OutputRingMemory;
  readonly failures: MessagePort;
}

/**
 * Writes a stream to a file or pipe. Of a long one with small commands a thread does it, which also
 * puts in their checksums while the next ones are made: both take a quarter of the time of sending
 * small files.
 */
export class OutputThread {
  readonly #fd: number;
  #bytes = 0;
  #ring: OutputRing | undefined;
  #failures: MessagePort | undefined;
  #failure: unknown;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** For one encoder: takes whole commands. @throws Io as writeAll, also for what came before */
  drain(): Drain {
    let isDue = false;
    return (bytes) => (isDue = this.#take(bytes, isDue));
  }

  /** Everything is written when this returns. @throws as `drain` */
  settle(): void {
    this.#await((ring) => ring.isIdle);
  }

  /** As `settle`, once, at the end. */
  end(): void {
    try {
      this.settle();
    } finally {
      this.#ring?.end();
      this.#failures?.close();
    }
  }

  /** Whether the checksums of what comes next may be due. */
  #take(bytes: Uint8Array, isDue: boolean): boolean {
    this.#bytes += bytes.length;
    if (isDue && bytes.length <= SLOT_BYTES) {
      this.#await((ring) => ring.hasRoom);
      this.#ring!.put(bytes);
    } else {
      this.settle();
      if (isDue) putChecksums(bytes);
      this.#write(bytes);
    }
    const isForThread = this.#bytes >= THREAD_FROM_BYTES && hasSmallCommands(bytes);
    if (isForThread) this.#ring ??= this.#start();
    return isForThread;
  }

  #start(): OutputRing {
    const ring = new OutputRing();
    const { port1, port2 } = new MessageChannel();
    this.#failures = port1;
    const workerData: OutputThreadData = { fd: this.#fd, ring: ring.memory, failures: port2 };
    new Worker(new URL(ENTRY, import.meta.url), {
      workerData,
      transferList: [port2],
      // A worker that shares them touches `process.stdout`, and the pipe would no longer block.
      stdout: true,
      stderr: true,
    }).unref();
    return ring;
  }

  #write(bytes: Uint8Array): void {
    try {
      writeAll(this.#fd, bytes);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #await(isDone: (ring: OutputRing) => boolean): void {
    const ring = this.#ring;
    if (ring === undefined) return this.#check();
    for (let tries = 0; ;) {
      const { mark } = ring;
      this.#check();
      if (isDone(ring)) return;
      ring.wake();
      tries = ring.wait(mark) ? 0 : tries + 1;
      if (tries > START_TRIES && !ring.isStarted) throw bug('the output thread does not start');
    }
  }

  #check(): void {
    const failed = this.#failures && receiveMessageOnPort(this.#failures)?.message;
    if (failed !== undefined) this.#failure = fromErrorData(failed as ErrorData);
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** As many as to be so small on average. */
function hasSmallCommands(bytes: Uint8Array): boolean {
  const least = bytes.length / SMALL_COMMAND_BYTES;
  let count = 0;
  for (let at = 0; at < bytes.length && count < least; count += 1) at = endOfCommand(bytes, at);
  return count >= least;
}
