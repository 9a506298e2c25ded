import type { NameRecord } from './names-file.ts';
import { below } from './path-names.ts';

/** Paths of folders in memory at most, and what each takes beside its bytes. */
const MOST_BYTES = 2 << 20;
const BYTES_OF_PATH = 128;

/** Paths of folders by their number; those in the file that were asked for last are kept. */
export class FolderPaths {
  readonly #records: FolderRecords;
  readonly #inMemory = new Map<number, string>();
  readonly #known = new Map<number, string>();
  #bytes = 0;

  constructor(records: FolderRecords) {
    this.#records = records;
  }

  set(id: number, path: string): void {
    this.#inMemory.set(id, path);
  }

  /** Undefined when it, or a folder above it, is no more. */
  of(id: number): string | undefined {
    const names: string[] = [];
    for (let at = id; ;) {
      const known = this.#inMemory.get(at) ?? this.#known.get(at);
      if (known !== undefined) return names.length === 0 ? known : this.#keep(id, known, names);
      const record = this.#records.ofFolder(at);
      if (record === undefined) return undefined;
      names.push(record.name);
      at = record.in;
    }
  }

  #keep(id: number, above: string, names: readonly string[]): string {
    const path = below(above, names.toReversed().join('/'));
    this.#bytes += BYTES_OF_PATH + path.length;
    if (this.#bytes > MOST_BYTES) {
      this.#known.clear();
      this.#bytes = 0;
    }
    this.#known.set(id, path);
    return path;
  }
}

interface FolderRecords {
  /** That of the folder of this number, if it is still there. */
  ofFolder(id: number): NameRecord | undefined;
}
