import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import { noteOfError, type DendroError } from '../../../shared/errors.ts';
import type { Note } from '../../../shared/said.ts';

/** Something of a point that is damaged, and so was not restored, or not whole. */
export interface DamagedPart {
  /** In the point, as text that keeps its bytes. */
  readonly path: string;
  /** Bytes of the file that are zeros in the copy; null: all of it is missing. */
  readonly offset: number | null;
  readonly lengthBytes: number | null;
  readonly reason: Note;
}

/** More are counted only. */
const MAX_PARTS = 10_000;

export class DamageList {
  readonly parts: DamagedPart[] = [];
  count = 0;

  /** Bytes of a file. */
  range(path: Uint8Array, offset: number, lengthBytes: number, reason: Note): void {
    this.#add({ path: textFromBytes(path), offset, lengthBytes, reason });
  }

  /** A file or folder, or what could not be read of its names. */
  whole(path: Uint8Array, error: DendroError): void {
    this.#add({
      path: textFromBytes(path),
      offset: null,
      lengthBytes: null,
      reason: noteOfError(error),
    });
  }

  #add(part: DamagedPart): void {
    this.count += 1;
    if (this.parts.length < MAX_PARTS) this.parts.push(part);
  }
}
