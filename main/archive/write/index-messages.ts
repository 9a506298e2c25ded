import type { ByteList, PackedList } from '../index/byte-list.ts';
import type { ForeignSource } from '../index/index-writer.ts';
import type { Identity } from '../format/manifest.ts';
import type { OutputSpec, WrittenPart } from './pack-output.ts';

/** What the indexer is started with. */
export interface IndexSpec {
  readonly output: OutputSpec;
}

export type ToIndexer =
  | {
      readonly kind: 'finish';
      readonly identity: Identity;
      /** `FileHashes` */
      readonly hashes: PackedList;
    }
  | { readonly kind: 'abort' };

/** What the whole stream was, once it has been gone over. */
export interface Indexed {
  readonly commands: number;
  readonly dataBytes: number;
  /** The plain stream. */
  readonly plain: { readonly bytes: number; readonly sha256: string };
  /** Files of other snapshots that are cloned from. */
  readonly foreign: readonly ForeignSource[];
  /** Paths whose content is not hashed yet, see `ContentHasher`. */
  readonly due: ByteList;
}

/** As it comes out of the thread. */
export type IndexedThere = Omit<Indexed, 'due'> & { readonly due: PackedList };

export type FromIndexer = IndexedThere | WrittenPart;
