import {
  fdSource,
  type ByteSource,
  type Piece,
  type Pieces,
} from '../../engine/stream/decode-source.ts';
import { startThread, type StreamThread } from './stream-thread.ts';

const SLOT_BYTES = 1 << 20;
/** Shorter streams are through before a thread has started. */
const THREAD_FROM_BYTES = 8 << 20;
/** Of small commands the work lies in carrying them out; their bytes are checked on the way. */
const LARGE_COMMAND_BYTES = 8 << 10;

/**
 * A stream from a file or pipe. Of a long one with large commands a thread reads what comes next and
 * checks it (checksums, and that compressed data decompresses), while this one carries out what it has.
 */
export class InputThread implements ByteSource {
  readonly #fd: number;
  readonly #source: ByteSource;
  /** Null: there is no room for one. */
  #thread: StreamThread | null | undefined;
  #pieces: Pieces | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    this.#source = fdSource(fd);
  }

  read(target: Uint8Array, offset: number, length: number): number {
    return this.#source.read(target, offset, length);
  }

  /** A thread takes a moment to start: until then the caller goes on reading. */
  ahead(bytes: number, commands: number, rest: Uint8Array): Pieces | undefined {
    const thread = this.#thread;
    if (thread === undefined) {
      const isWorthIt = bytes >= THREAD_FROM_BYTES && bytes / commands >= LARGE_COMMAND_BYTES;
      if (isWorthIt) this.#thread = startThread('input-worker', this.#fd, SLOT_BYTES);
      return undefined;
    }
    // The thread's first slot begins with the rest, and has room for more: else the next time.
    const canBegin = thread?.ring.isStarted === true && rest.length < SLOT_BYTES;
    if (this.#pieces === undefined && canBegin) {
      thread.ring.begin(rest);
      this.#pieces = new PiecesOfThread(thread);
    }
    return this.#pieces;
  }

  /** The thread ends soon; it reads no more. */
  end(): void {
    this.#thread?.end();
  }
}

class PiecesOfThread implements Pieces {
  readonly #thread: StreamThread;
  #isLent = false;

  constructor(thread: StreamThread) {
    this.#thread = thread;
  }

  /** @throws as `fdSource`, in its turn */
  next(): Piece | undefined {
    const { ring } = this.#thread;
    if (this.#isLent) ring.take();
    this.#isLent = false;
    for (;;) {
      const mark = ring.takerMark;
      const isEnded = ring.isEnded;
      const piece = ring.next;
      this.#isLent = piece !== undefined;
      if (piece !== undefined) return piece;
      const failure = this.#thread.failure();
      if (failure !== undefined) throw failure;
      if (isEnded) return undefined;
      ring.takerWait(mark);
    }
  }
}
