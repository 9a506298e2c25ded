import type { DendroError } from '../../../shared/errors.ts';
import { shown } from '../tree/tree.ts';

export interface DamagedFile {
  readonly path: string;
  /** What is wrong, with the stream file's name. */
  readonly message: string;
}

/** More than these are told as a number. */
const MAX_TOLD = 1000;

/** Files that a restore left out, for what they consist of is damaged in the archive. */
export class DamagedFiles {
  readonly files: DamagedFile[] = [];
  count = 0;
  #first: DendroError | undefined;

  add(path: string, error: DendroError): void {
    this.count += 1;
    this.#first ??= error;
    if (this.files.length < MAX_TOLD) {
      this.files.push({ path: shown(path), message: error.message });
    }
  }

  /** Nothing at all came back: then the damage is the answer. @throws the first error */
  assertSome(restored: number): void {
    if (restored === 0 && this.#first !== undefined) throw this.#first;
  }
}
