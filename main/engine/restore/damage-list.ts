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

/** What an earlier run has met. */
interface Earlier {
  readonly parts: readonly DamagedPart[];
  readonly patched: readonly string[];
}

/** For the journal: a part, or the file of a point that is filled past its damage from here on. */
export type DamageNote = { readonly damage: DamagedPart } | { readonly patching: string };

/** More are counted only. */
const MAX_PARTS = 10_000;

export class DamageList {
  readonly parts: DamagedPart[] = [];
  count = 0;
  #onNew: (note: DamageNote) => void = () => {};
  readonly #patched: Set<string>;
  /** The parts, as lines: what is done once more is not told twice. */
  readonly #told = new Set<string>();

  constructor(
    { parts, patched }: Earlier = { parts: [], patched: [] },
    onNew: (note: DamageNote) => void = () => {},
  ) {
    for (const part of parts) this.#add(part);
    this.#patched = new Set(patched);
    this.#onNew = onNew;
  }

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

  /** From here on what is written of it may be zeros that are told of at its end only. */
  patching(path: Uint8Array): void {
    this.#onNew({ patching: textFromBytes(path) });
  }

  /** An earlier run was in the middle of it, or came to its end: a part of it says nothing. */
  wasPatched(path: Uint8Array): boolean {
    return this.#patched.has(textFromBytes(path));
  }

  #add(part: DamagedPart): void {
    const line = JSON.stringify(part);
    if (this.#told.has(line)) return;
    this.count += 1;
    if (this.parts.length >= MAX_PARTS) return;
    this.parts.push(part);
    this.#told.add(line);
    this.#onNew({ damage: part });
  }
}
