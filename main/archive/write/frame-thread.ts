import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import { bug, fromErrorData, type ErrorData } from '../../../shared/errors.ts';
import type { FrameRing, FrameTaker, RingMemory } from './frame-ring.ts';

const SUFFIX = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const ENTRY = { packer: './pack-worker', indexer: './index-worker' } as const;
/** In seconds: a thread that does not even start is given up after this; no machine is that slow. */
const START_TRIES = 120;

/** What such a thread is to do next. */
export interface ThreadData<Spec> {
  readonly spec: Spec;
  readonly ring: RingMemory;
  readonly answers: MessagePort;
}

export type ThreadAnswer<Answer> = { readonly answer: Answer } | { readonly error: ErrorData };

/** A thread that has nothing to do ends after so long. */
const IDLE_MS = 5_000;
/** One of each kind, which has ended well: a hundred small streams do not wait for two threads each. */
const idle = new Map<FrameTaker, { readonly worker: Worker; readonly timer: NodeJS.Timeout }>();

/**
 * The engine's side of a thread that takes the frames of a ring. All calls are synchronous; what
 * failed there is thrown by the next one here.
 */
export class FrameThread<Message, Answer> {
  readonly #ring: FrameRing;
  readonly #taker: FrameTaker;
  readonly #worker: Worker;
  readonly #answers: MessagePort;
  #failure: unknown;
  #isOver = false;

  constructor(taker: FrameTaker, ring: FrameRing, spec: unknown) {
    this.#ring = ring;
    this.#taker = taker;
    const { port1, port2 } = new MessageChannel();
    this.#answers = port1;
    this.#worker = idleOrNew(taker);
    const data = { spec, ring: ring.memory, answers: port2 } satisfies ThreadData<unknown>;
    this.#worker.postMessage(data, [port2]);
  }

  /** @param memory what goes along, and is not here any more */
  send(message: Message, memory: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, memory);
  }

  /** Throws what failed there. */
  check(): void {
    const early = this.#received();
    if (early !== undefined) throw bug(`the ${this.#taker} has answered what nobody asked`);
  }

  /** Waits for what was asked for. */
  answer(): Answer {
    let tries = 0;
    for (;;) {
      const { mark } = this.#ring;
      const answer = this.#received();
      if (answer !== undefined) return answer;
      tries = this.#ring.wait(mark) ? 0 : tries + 1;
      this.lookAlive(tries);
    }
  }

  /** @param tries seconds that nothing has happened */
  lookAlive(tries: number): void {
    if (tries > START_TRIES && this.#ring.taken(this.#taker) === 0) {
      this.#isOver = true;
      throw bug(`the ${this.#taker} does not start`);
    }
  }

  /** It has answered all that was asked, and does the same for the next stream. */
  done(): void {
    this.#close();
    putAside(this.#taker, this.#worker);
  }

  #close(): void {
    this.#isOver = true;
    this.#answers.close();
  }

  /** Lets it leave what it wrote under its temporary name; returns when it has let go of it. */
  abort(message: Message): void {
    if (!this.#isOver) {
      this.send(message);
      try {
        this.answer();
      } catch {
        // Why it failed has been told, or is less than the reason to stop.
      }
    }
    this.#close();
  }

  #received(): Answer | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const message = receiveMessageOnPort(this.#answers)?.message as
      ThreadAnswer<Answer> | undefined;
    if (message === undefined) return undefined;
    if ('answer' in message) return message.answer;
    this.#isOver = true;
    this.#failure = fromErrorData(message.error);
    throw this.#failure;
  }
}

/** Before long work in this thread alone: they would keep their memory all the while. */
export async function endIdleThreads(): Promise<void> {
  const ending = [...idle.values()].map(({ worker, timer }) => {
    clearTimeout(timer);
    return worker.terminate();
  });
  idle.clear();
  await Promise.all(ending);
}

function idleOrNew(taker: FrameTaker): Worker {
  const known = idle.get(taker);
  idle.delete(taker);
  if (known === undefined) {
    const worker = new Worker(new URL(ENTRY[taker] + SUFFIX, import.meta.url));
    worker.unref();
    return worker;
  }
  clearTimeout(known.timer);
  return known.worker;
}

function putAside(taker: FrameTaker, worker: Worker): void {
  if (idle.has(taker)) return void worker.terminate();
  const timer = setTimeout(() => {
    idle.delete(taker);
    void worker.terminate();
  }, IDLE_MS);
  idle.set(taker, { worker, timer: timer.unref() });
}
