import { pathText } from '../../linux/libc-error.ts';
import type { Bytes } from '../stream/command-sink.ts';
import type { Note } from '../../../shared/said.ts';

/** One thing that the target could not keep. */
export interface Loss {
  /** For people: bytes that are not UTF-8 are escaped. */
  readonly path: string;
  readonly what: Note;
}

/** Entries kept word for word; beyond them only the count goes on. */
const MAX_ENTRIES = 10_000;

/** What could not be kept, in the order it was met; bounded however hostile the stream. */
export class LossReport {
  readonly entries: Loss[] = [];
  count = 0;
  /** How often, by what in English. */
  readonly counts: Record<string, number> = {};

  add(path: Bytes, what: Note): void {
    this.count += 1;
    this.counts[what.text] = (this.counts[what.text] ?? 0) + 1;
    if (this.entries.length < MAX_ENTRIES) this.entries.push({ path: pathText(path), what });
  }
}
