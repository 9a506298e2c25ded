import { writeAll } from '../../linux/write-all.ts';
import { endOfCommand, putChecksums } from '../../engine/stream/due-checksums.ts';
import type { Drain } from '../../engine/stream/output.ts';
import type { SlotRing } from './slot-ring.ts';
import { startThread, type StreamThread } from './stream-thread.ts';

/** The most that is handed over at a time. */
const SLOT_BYTES = 1 << 19;
/** The writer, which is the quicker one, is woken for so many slots. */
const WAKE_SLOTS = 2;
/** Shorter streams are through before a thread has started. */
const THREAD_FROM_BYTES = 16 << 20;
/** Of large ones the copy between the threads costs what the other takes over (measured). */
const SMALL_COMMAND_BYTES = 8 << 10;

/**
 * Writes a stream to a file or pipe. Of a long one with small commands a thread does it, which also
 * puts in their checksums while the next ones are made: both take a quarter of the time of sending
 * small files.
 */
export class OutputThread {
  readonly #fd: number;
  #bytes = 0;
  /** Null: there is no room for one. */
  #thread: StreamThread | null | undefined;
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
    this.#await((ring) => ring.waiting === 0);
  }

  /** As `settle`, once, at the end. */
  end(): void {
    try {
      this.settle();
    } finally {
      this.#thread?.end();
    }
  }

  /** Whether the checksums of what comes next may be due. */
  #take(bytes: Uint8Array, isDue: boolean): boolean {
    this.#bytes += bytes.length;
    if (isDue && bytes.length <= SLOT_BYTES) {
      this.#await((ring) => ring.hasRoom);
      put(this.#thread!.ring, bytes);
    } else {
      this.settle();
      if (isDue) putChecksums(bytes);
      this.#write(bytes);
    }
    if (this.#bytes < THREAD_FROM_BYTES || !hasSmallCommands(bytes)) return false;
    if (this.#thread === undefined) {
      this.#thread = startThread('output-worker', this.#fd, SLOT_BYTES);
    }
    // It takes a moment to start (50 ms): until then this one goes on by itself.
    return this.#thread?.ring.isStarted === true;
  }

  #write(bytes: Uint8Array): void {
    try {
      writeAll(this.#fd, bytes);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #await(isDone: (ring: SlotRing) => boolean): void {
    const ring = this.#thread?.ring;
    if (ring === undefined) return this.#check();
    for (;;) {
      const mark = ring.giverMark;
      this.#check();
      if (isDone(ring)) return;
      // it may sleep before what was handed over
      ring.wakeTaker();
      ring.giverWait(mark);
    }
  }

  #check(): void {
    this.#failure = this.#thread?.failure() ?? this.#failure;
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/**
 * They are copied: into shared memory whole pieces go as fast as anywhere, single fields and odd places
 * three times as slowly.
 */
function put(ring: SlotRing, bytes: Uint8Array): void {
  ring.room.set(bytes);
  ring.give(bytes.length);
  if (ring.waiting >= WAKE_SLOTS) ring.wakeTaker();
}

/** As many as to be so small on average. */
function hasSmallCommands(bytes: Uint8Array): boolean {
  const least = bytes.length / SMALL_COMMAND_BYTES;
  let count = 0;
  for (let at = 0; at < bytes.length && count < least; count += 1) at = endOfCommand(bytes, at);
  return count >= least;
}
