import { pathText } from '../../linux/libc-error.ts';
import type { Bytes } from '../stream/command-sink.ts';
import type { Note } from '../../../shared/said.ts';
import { isFileLeftOut } from './lost.ts';

/** One thing that the target could not keep. */
export interface Loss {
  /** For people: bytes that are not UTF-8 are escaped. */
  readonly path: string;
  readonly what: Note;
}

/** Entries kept word for word; beyond them only the count goes on. */
const MAX_ENTRIES = 10_000;
/** What is counted apart: names of attributes there may be any number of. */
const MAX_COUNTS = 100;
const ALL_OTHERS = 'anything else';

/** What could not be kept, in the order it was met; bounded however hostile the stream. */
export class LossReport {
  readonly entries: Loss[] = [];
  count = 0;
  /** Of these, files whose content is not there. */
  filesLeftOut = 0;
  /** How often, by what in English; the first hundred kinds, and all others together. */
  readonly counts: Record<string, number> = {};
  #kinds = 0;

  /** Undefined beyond those that are kept word for word. */
  add(path: Bytes, what: Note): Loss | undefined {
    return this.take({ path: pathText(path), what });
  }

  /** One that an earlier run met. */
  take(loss: Loss): Loss | undefined {
    this.countOne(loss.what);
    if (this.isFull) return undefined;
    this.entries.push(loss);
    return loss;
  }

  /** From now on there is only the count. */
  get isFull(): boolean {
    return this.entries.length >= MAX_ENTRIES;
  }

  countOne(what: Note): void {
    const { text } = what;
    this.count += 1;
    if (isFileLeftOut(what)) this.filesLeftOut += 1;
    const known = this.counts[text];
    if (known !== undefined) this.counts[text] = known + 1;
    else if (this.#kinds < MAX_COUNTS) {
      this.#kinds += 1;
      this.counts[text] = 1;
    } else this.counts[ALL_OTHERS] = (this.counts[ALL_OTHERS] ?? 0) + 1;
  }
}
