import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = () => void;

let collect: Collect | undefined;

/**
 * Buffers that live for a moment only. V8 looks after them once 64 MiB have come together, which
 * alone is half of what a receive may use; this has it look earlier. With the few objects that a
 * receive keeps, that takes some milliseconds.
 */
export class ShortLivedMemory {
  readonly #everyBytes: number;
  #bytes = 0;

  constructor(everyBytes: number) {
    this.#everyBytes = everyBytes;
  }

  added(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#everyBytes) return;
    this.#bytes = 0;
    collect ??= collector();
    collect();
  }
}

/** The flag holds for contexts made after it. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
