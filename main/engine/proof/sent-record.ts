import type { SendRequest } from '../send.ts';
import type { CommandSink } from '../stream/command-sink.ts';
import { readInode } from '../tree/index.ts';
import { HashBook } from './hash-book.ts';
import { packRecord } from './kept-records.ts';
import { recordSnapshot } from './record.ts';
import { recording } from './recording.ts';

/** Undefined for a stream that is not the whole snapshot: there is nothing to compare it with. */
export function recordFor({ noData, excludes = [] }: SendRequest): SentRecord | undefined {
  return noData === true || excludes.length > 0 ? undefined : new SentRecord();
}

/**
 * The stream's own record. Files that the stream carried as a whole were hashed as they went by;
 * others that changed since the parent are read; those that did not are left open, to be filled
 * from the parent's record.
 */
export class SentRecord {
  readonly #book = new HashBook();

  /** The sink to send into. */
  around(sink: CommandSink): CommandSink {
    return recording(sink, this.#book);
  }

  /** To be called after the send, on the same request. */
  packed(request: SendRequest, cancel?: { check(): void }): Buffer {
    const { snapshot, parent, resumeFrom = 0 } = request;
    // Of a run that went on in the middle, what came before went by in another one.
    const book = resumeFrom > 0 ? new HashBook() : this.#book;
    const hashOf = (inode: number): string | null | undefined => {
      const known = book.get(inode);
      if (known !== undefined || parent === undefined) return known;
      const transid = readInode(snapshot, inode)?.transid ?? Infinity;
      return transid <= parent.info.otransid ? null : undefined;
    };
    return packRecord(recordSnapshot(snapshot, cancel === undefined ? {} : { cancel }, { hashOf }));
  }
}
