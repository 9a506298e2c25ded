import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import { bug, fromErrorData, type ErrorData } from '../../../shared/errors.ts';
import { writeAll } from '../../linux/write-all.ts';
import type { Drain } from './output.ts';
import { OutputRing, type OutputRingMemory } from './output-ring.ts';

const ENTRY = import.meta.url.endsWith('.ts') ? './output-worker.ts' : './output-worker.js';
/** Shorter streams are through before a thread has started. */
const THREAD_FROM_BYTES = 16 << 20;
/** In seconds: a thread that does not even start is given up after this; no machine is that slow. */
const START_TRIES = 120;

export interface OutputThreadData {
  readonly fd: number;
  readonly ring: OutputRingMemory;
  readonly failures: MessagePort;
}

/**
 * Writes a stream to a file or pipe. Of a long one a thread does it, which also puts in the
 * checksums of its commands while the next ones are made: writing to a pipe takes a quarter of the
 * time of sending small files, and a third of that of large ones.
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

  /** Takes whole commands. @throws Io as writeAll, also for what came before */
  readonly drain: Drain = (bytes) => {
    this.#bytes += bytes.length;
    if (this.#ring?.owns(bytes)) this.#ring.give(bytes.length);
    else {
      this.settle();
      writeAll(this.#fd, bytes);
      if (this.#bytes < THREAD_FROM_BYTES) return undefined;
    }
    this.#ring ??= this.#start();
    this.#await((ring) => ring.hasRoom);
    return { bytes: this.#ring.free, isChecksummedLater: true };
  };

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

  #await(isDone: (ring: OutputRing) => boolean): void {
    const ring = this.#ring;
    if (ring === undefined) return;
    for (let tries = 0; ;) {
      const { mark } = ring;
      this.#check();
      if (isDone(ring)) return;
      tries = ring.wait(mark) ? 0 : tries + 1;
      if (tries > START_TRIES && !ring.isStarted) throw bug('the output thread does not start');
    }
  }

  #check(): void {
    const failed = receiveMessageOnPort(this.#failures!)?.message as ErrorData | undefined;
    if (failed !== undefined) this.#failure = fromErrorData(failed);
    if (this.#failure !== undefined) throw this.#failure;
  }
}
