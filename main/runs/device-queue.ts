import { cancelled } from '../../shared/errors.ts';

interface Waiter {
  readonly keys: readonly string[];
  go(): void;
  fail(error: Error): void;
}

/**
 * At most one heavy run a device: who comes first goes first, and nobody passes one who waits
 * for the same device.
 */
export class DeviceQueue {
  readonly #held = new Set<string>();
  #waiting: Waiter[] = [];

  /** Whether `acquire` would have to wait. */
  isBusy(keys: readonly string[]): boolean {
    return keys.some(
      (key) => this.#held.has(key) || this.#waiting.some((w) => w.keys.includes(key)),
    );
  }

  /**
   * Resolves with what lets go of the devices again. `onAbort` is given what ends the wait.
   *
   * @throws Cancelled when the wait was ended
   */
  acquire(keys: readonly string[], onAbort: (abort: () => void) => void): Promise<() => void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { keys, go: resolve, fail: reject };
    this.#waiting.push(waiter);
    onAbort(() => {
      if (!this.#waiting.includes(waiter)) return;
      this.#waiting = this.#waiting.filter((one) => one !== waiter);
      waiter.fail(cancelled());
      this.#advance();
    });
    this.#advance();
    return promise.then(() => () => this.#release(keys));
  }

  #release(keys: readonly string[]): void {
    for (const key of keys) this.#held.delete(key);
    this.#advance();
  }

  #advance(): void {
    const wanted = new Set(this.#held);
    this.#waiting = this.#waiting.filter((waiter) => {
      const isFree = waiter.keys.every((key) => !wanted.has(key));
      for (const key of waiter.keys) wanted.add(key);
      if (!isFree) return true;
      for (const key of waiter.keys) this.#held.add(key);
      waiter.go();
      return false;
    });
  }
}
