import { DendroError } from '../../../shared/errors.ts';

/**
 * Several snapshots in one stream: when that comes again after an interruption, those that are in
 * place are passed over to come to the one that is not. Without an interruption what is there is
 * an error at once, as it is where nothing new comes behind it.
 */
export class PassingOver {
  /** Not of a stream that goes on in the middle: sender and receiver have agreed on its place. */
  mayBegin: boolean;
  #isOver = false;
  /** Why one of them, the first or one that an earlier run had received, could not be received. */
  #reason: DendroError | undefined;

  constructor(wasInterrupted: boolean) {
    this.mayBegin = wasInterrupted;
  }

  /** Commands come that have nothing to do. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** At least one was passed over. */
  get hasBegun(): boolean {
    return this.#reason !== undefined;
  }

  /** Something else than the snapshot before has begun. */
  end(): void {
    this.#isOver = false;
  }

  /** @throws `error`, unless it says that there is something, and that is this very snapshot */
  begin(error: unknown, isInPlace: () => boolean): void {
    this.#isOver = false;
    const isThere = error instanceof DendroError && THERE.includes(error.code);
    if (!this.mayBegin || !isThere || !isInPlace()) throw error;
    // That it has been put in place now says more than that the one before was there.
    if (error.code === 'already-received') this.#reason = error;
    this.#reason ??= error;
    this.#isOver = true;
  }

  /** @throws what kept one of them from being received, when nothing was */
  refuseUnless(hasReceived: boolean): void {
    if (!hasReceived && this.#reason !== undefined) throw this.#reason;
  }
}

const THERE = ['exists', 'already-received'];
