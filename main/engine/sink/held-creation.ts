import type { Bytes } from '../stream/command-sink.ts';

const MAX_PATH_BYTES = 4096;
const LETTER_O = 0x6f;
const DASH = 0x2d;
const SLASH = 0x2f;

export type Creation =
  | { readonly kind: 'file' | 'directory' }
  | { readonly kind: 'node'; readonly mode: number; readonly rdev: number }
  | { readonly kind: 'symlink'; readonly target: Bytes };

/**
 * One creation that waits for the command after it. The kernel's streams make everything under
 * a temporary name at the top and rename it at once; made at its final place instead, an inode
 * costs one system call less and touches no other directory.
 */
export class HeldCreation {
  readonly #path = Buffer.alloc(MAX_PATH_BYTES);
  #length = 0;
  #creation: Creation | undefined;

  get isEmpty(): boolean {
    return this.#creation === undefined;
  }

  hold(path: Bytes, creation: Creation): void {
    this.#path.set(path);
    this.#length = path.length;
    this.#creation =
      creation.kind === 'symlink'
        ? { kind: 'symlink', target: Uint8Array.from(creation.target) }
        : creation;
  }

  isAt(path: Bytes): boolean {
    if (this.#creation === undefined || path.length !== this.#length) return false;
    for (let i = 0; i < path.length; i += 1) if (path[i] !== this.#path[i]) return false;
    return true;
  }

  /** Hands the creation over; nothing is held any more. The path is valid until the next `hold`. */
  take(): { path: Bytes; creation: Creation } | undefined {
    const creation = this.#creation;
    if (creation === undefined) return undefined;
    this.#creation = undefined;
    return { path: this.#path.subarray(0, this.#length), creation };
  }
}

/** The kernel's temporary names: `oINODE-GENERATION-COUNT` at the top. */
export function isTemporary(path: Bytes): boolean {
  if (path[0] !== LETTER_O || path.length < 6) return false;
  for (let i = 1; i < path.length; i += 1) {
    const byte = path[i]!;
    if (byte === SLASH) return false;
    if (byte !== DASH && (byte < 0x30 || byte > 0x39)) return false;
  }
  return true;
}
