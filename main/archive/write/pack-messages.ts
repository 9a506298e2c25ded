import type { ErrorData } from '../../../shared/errors.ts';
import type { OutputSpec, WrittenPart } from './pack-output.ts';

/** Plain bytes that one slot holds: what the encoder hands over at a time. */
export const SLOT_BYTES = 1 << 20;
export const SLOTS = 6;

/** Words of the shared control block. */
export const WORD = { taken: 0, state: 1 } as const;
export const STATE = { working: 0, failed: 1, done: 2 } as const;
export const CONTROL_BYTES = 8;

export interface PackSpec {
  readonly output: OutputSpec;
  readonly level: number;
  /** Frames that `output.keep` holds, as length and plain length. */
  readonly keptFrames: readonly (readonly [length: number, plainLength: number])[];
  readonly slots: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

export type ToPacker =
  /** `isKnown`: it is in the output already, only the hash of the whole goes over it. */
  | {
      readonly kind: 'frame';
      readonly slot: number;
      readonly length: number;
      readonly isKnown: boolean;
    }
  | { readonly kind: 'finish' }
  | { readonly kind: 'abort' };

export interface Packed {
  readonly parts: readonly WrittenPart[];
  readonly plainBytes: number;
  readonly plainSha256: string;
  readonly frames: number;
}

export type FromPacker = { readonly packed: Packed } | { readonly error: ErrorData };
