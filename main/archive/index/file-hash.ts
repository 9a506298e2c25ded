import { ByteList, type PackedList } from './byte-list.ts';
import { HASH_BYTES } from './operations.ts';

/** SHA-256 of a file's content, by the path at the end of the stream, a character a byte. */
export interface FileHash {
  readonly path: Uint8Array;
  readonly sha256: Uint8Array;
}

export class FileHashes implements Iterable<FileHash> {
  readonly #list: ByteList;

  constructor(packed?: PackedList) {
    this.#list = new ByteList(packed);
  }

  get size(): number {
    return this.#list.size;
  }

  get packed(): PackedList {
    return this.#list.packed;
  }

  add(path: Uint8Array, sha256: Uint8Array): void {
    this.#list.add(path, sha256);
  }

  /** Borrowed until the next one. */
  *[Symbol.iterator](): Generator<FileHash> {
    for (const entry of this.#list) {
      const end = entry.length - HASH_BYTES;
      yield { path: entry.subarray(0, end), sha256: entry.subarray(end) };
    }
  }
}
