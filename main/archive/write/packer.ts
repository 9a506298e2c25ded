import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import { bug, fromErrorData } from '../../../shared/errors.ts';
import {
  CONTROL_BYTES,
  SLOT_BYTES,
  SLOTS,
  STATE,
  WORD,
  type FromPacker,
  type Packed,
  type PackSpec,
  type ToPacker,
} from './pack-messages.ts';
import type { OutputSpec } from './pack-output.ts';

const ENTRY = import.meta.url.endsWith('.ts') ? './pack-worker.ts' : './pack-worker.js';
const WAIT_MS = 1_000;
/** A thread that does not even start is given up after this: the machine is not that slow. */
const START_TRIES = 120;

/**
 * Turns plain bytes into a seekable zstd file, in a thread of its own: each `frame` becomes one.
 * All calls are synchronous and wait for room. What fails there is thrown by the next call here.
 */
export class Packer {
  readonly #worker: Worker;
  readonly #answers: MessagePort;
  readonly #control: Int32Array;
  readonly #slots: Buffer;
  #given = 0;

  constructor(output: OutputSpec, level: number, keptFrames: PackSpec['keptFrames'] = []) {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const slots = new SharedArrayBuffer(SLOTS * SLOT_BYTES);
    this.#control = new Int32Array(control);
    this.#slots = Buffer.from(slots);
    const { port1, port2 } = new MessageChannel();
    this.#answers = port1;
    this.#worker = new Worker(new URL(ENTRY, import.meta.url), {
      workerData: { spec: { output, level, keptFrames, slots, control }, answers: port2 },
      transferList: [port2],
    });
    this.#worker.unref();
  }

  /** Bytes of any number; each MiB of them at most is a frame. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
      this.#frame(bytes.subarray(at, at + SLOT_BYTES), false);
    }
  }

  /** What an earlier run has written already and `keptFrames` says: for the hash of the whole. */
  known(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
      this.#frame(bytes.subarray(at, at + SLOT_BYTES), true);
    }
  }

  /** Everything is on the drive under its final name when this returns. */
  finish(): Packed {
    this.#send({ kind: 'finish' });
    return this.#ended();
  }

  /** Ends the thread; what it wrote stays under its temporary name. */
  abort(): void {
    if (this.#state === STATE.working) {
      this.#send({ kind: 'abort' });
      while (this.#state === STATE.working) this.#wait();
    }
    this.#answers.close();
  }

  #frame(bytes: Uint8Array, isKnown: boolean): void {
    let tries = 0;
    while (this.#given - this.#taken >= SLOTS || this.#state !== STATE.working) {
      if (this.#state !== STATE.working) this.#ended();
      tries = this.#wait() ? 0 : tries + 1;
      if (tries > START_TRIES && this.#taken === 0) throw bug('the packer does not start');
    }
    const slot = this.#given % SLOTS;
    this.#slots.set(bytes, slot * SLOT_BYTES);
    this.#given += 1;
    this.#send({ kind: 'frame', slot, length: bytes.length, isKnown });
  }

  #ended(): Packed {
    while (this.#state === STATE.working) this.#wait();
    const answer = receiveMessageOnPort(this.#answers)?.message as FromPacker | undefined;
    this.#answers.close();
    if (answer === undefined) throw bug('the packer has ended without an answer');
    if ('error' in answer) throw fromErrorData(answer.error);
    return answer.packed;
  }

  get #taken(): number {
    return Atomics.load(this.#control, WORD.taken);
  }

  get #state(): number {
    return Atomics.load(this.#control, WORD.state);
  }

  /** Until the other side has done something; false when it did nothing for a second. */
  #wait(): boolean {
    const seen = this.#taken;
    if (this.#state !== STATE.working) return true;
    return Atomics.wait(this.#control, WORD.taken, seen, WAIT_MS) !== 'timed-out';
  }

  #send(message: ToPacker): void {
    this.#worker.postMessage(message);
  }
}
