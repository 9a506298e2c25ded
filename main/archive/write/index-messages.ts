import type { FileHash } from '../index/file-hash.ts';
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
      readonly hashes: readonly FileHash[];
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
  readonly due: ReadonlySet<string>;
}

export type FromIndexer = Indexed | WrittenPart;
