import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import { fromErrorData, type ErrorData } from '../../../shared/errors.ts';
import { SlotRing, type SlotRingMemory } from './slot-ring.ts';

export interface StreamThreadData {
  readonly fd: number;
  readonly ring: SlotRingMemory;
  readonly failures: MessagePort;
}

/** Null where the system has no room for a further thread. */
export function startThread(entry: string, fd: number, slotBytes: number): StreamThread | null {
  try {
    return new StreamThread(entry, fd, slotBytes);
  } catch {
    return null;
  }
}

/** A thread at the other end of a ring, which reads a stream or writes one. */
export class StreamThread {
  readonly ring: SlotRing;
  readonly #failures: MessagePort;

  /** @param entry the thread's module, without its ending, beside this one */
  constructor(entry: string, fd: number, slotBytes: number) {
    this.ring = new SlotRing(slotBytes);
    const { port1, port2 } = new MessageChannel();
    this.#failures = port1;
    const workerData: StreamThreadData = { fd, ring: this.ring.memory, failures: port2 };
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./${entry}.${ending}`, import.meta.url), {
      workerData,
      transferList: [port2],
      // A worker that shares them touches `process.stdout`, and the pipe would no longer block.
      stdout: true,
      stderr: true,
    });
    // One that fails before it says so has not started: whoever waits for it sees that.
    worker.on('error', () => undefined).unref();
  }

  /** What the thread ended with, once. */
  failure(): Error | undefined {
    const failed = receiveMessageOnPort(this.#failures)?.message as ErrorData | undefined;
    return failed && fromErrorData(failed);
  }

  end(): void {
    this.ring.end();
    this.#failures.close();
  }
}
