import { cancelled } from '../../shared/errors.ts';

/**
 * A flag that another thread may raise while the engine runs synchronously:
 * one 32-bit word in shared memory, 0 = go on, 1 = stop.
 */
export class CancelToken {
  readonly shared: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.shared = shared;
    this.#word = new Int32Array(shared);
  }

  cancel(): void {
    Atomics.store(this.#word, 0, 1);
  }

  get isCancelled(): boolean {
    return Atomics.load(this.#word, 0) !== 0;
  }

  /** Throws `Cancelled` once the flag is up. Cheap enough to call for each command. */
  check(): void {
    if (Atomics.load(this.#word, 0) !== 0) throw cancelled();
  }
}
