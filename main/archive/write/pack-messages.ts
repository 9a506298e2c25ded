import type { OutputSpec, WrittenPart } from './pack-output.ts';

/** What the packer is started with. */
export interface PackSpec {
  readonly output: OutputSpec;
  readonly level: number;
  /** Frames that `output.keep` holds, as length and plain length. */
  readonly keptFrames: readonly (readonly [length: number, plainLength: number])[];
}

export type ToPacker =
  /** `isKnown`: it is in the output already, only the indexer goes over it. */
  | { readonly kind: 'frame'; readonly number: number; readonly isKnown: boolean }
  | { readonly kind: 'finish' }
  | { readonly kind: 'abort' };

export interface Packed {
  readonly parts: readonly WrittenPart[];
  readonly plainBytes: number;
}
