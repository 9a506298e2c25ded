import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/**
 * The payload of an age file (C2SP, age-encryption.org/v1): behind the header
 * ```
 * nonce (16) | chunk | chunk | ...        chunk: up to 65,536 bytes encrypted | tag (16)
 * ```
 * with ChaCha20-Poly1305 and the nonce `counter (11 bytes, big-endian) | 1 for the last chunk`.
 * Each chunk decrypts on its own, so any place of the plain bytes is reached at once.
 */
export const AGE_NONCE_BYTES = 16;
export const AGE_CHUNK = 65_536;
const TAG_BYTES = 16;
export const AGE_CHUNK_SEALED = AGE_CHUNK + TAG_BYTES;
const CIPHER = 'chacha20-poly1305';
const OPTIONS = { authTagLength: TAG_BYTES };

export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}

/** Plain bytes of a payload of this length (without its nonce), or -1: there is no such payload. */
export function plainLengthOf(sealedLength: number): number {
  const full = Math.floor(sealedLength / AGE_CHUNK_SEALED);
  const rest = sealedLength % AGE_CHUNK_SEALED;
  if (rest === 0) return full === 0 ? -1 : full * AGE_CHUNK;
  if (rest < TAG_BYTES || (rest === TAG_BYTES && full > 0)) return -1;
  return full * AGE_CHUNK + rest - TAG_BYTES;
}

export function sealChunk(key: Buffer, index: number, isLast: boolean, plain: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonceOf(index, isLast), OPTIONS);
  const body = cipher.update(plain);
  cipher.final();
  return Buffer.concat([body, cipher.getAuthTag()]);
}

/** The plain bytes; undefined when the chunk is not what was sealed. */
export function openChunk(
  key: Buffer,
  index: number,
  isLast: boolean,
  sealed: Buffer,
): Buffer | undefined {
  const body = sealed.subarray(0, sealed.length - TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonceOf(index, isLast), OPTIONS);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plain = decipher.update(body);
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

/** Seals bytes as they come: the last chunk is known at the end only, so one is held back. */
export class AgeSealer {
  readonly #key: Buffer;
  #pending: Buffer = Buffer.alloc(0);
  #index = 0;

  constructor(key: Buffer) {
    this.#key = key;
  }

  push(bytes: Uint8Array): Buffer {
    const all =
      this.#pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#pending, bytes]);
    const sealed: Buffer[] = [];
    let at = 0;
    for (; all.length - at > AGE_CHUNK; at += AGE_CHUNK) {
      sealed.push(sealChunk(this.#key, this.#index, false, all.subarray(at, at + AGE_CHUNK)));
      this.#index += 1;
    }
    this.#pending = Buffer.from(all.subarray(at));
    return Buffer.concat(sealed);
  }

  finish(): Buffer {
    return sealChunk(this.#key, this.#index, true, this.#pending);
  }
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 3);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
