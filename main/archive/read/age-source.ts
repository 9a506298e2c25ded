import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import {
  AGE_CHUNK,
  AGE_CHUNK_SEALED,
  AGE_NONCE_BYTES,
  openChunk,
  payloadKey,
  plainLengthOf,
} from '../format/age-payload.ts';
import type { RandomSource } from './parts.ts';

/** The plain bytes of an age file whose file key is known, at any place. */
export class AgeSource implements RandomSource {
  readonly size: number;
  readonly #sealed: RandomSource;
  readonly #name: string;
  readonly #payloadAt: number;
  readonly #key: Buffer;
  readonly #chunks: number;
  #kept: { index: number; plain: Buffer } | undefined;

  /** @param name of the file, for errors. @throws Corrupt 'age-length' */
  constructor(sealed: RandomSource, headerBytes: number, fileKey: Buffer, name: string) {
    this.#sealed = sealed;
    this.#name = printable(name);
    this.#payloadAt = headerBytes + AGE_NONCE_BYTES;
    const length = sealed.size - this.#payloadAt;
    const plain = length < 0 ? -1 : plainLengthOf(length);
    if (plain < 0) throw this.#damaged('age-length', 'has a length that cannot be', sealed.size);
    this.size = plain;
    this.#chunks = Math.max(1, Math.ceil(length / AGE_CHUNK_SEALED));
    this.#key = payloadKey(fileKey, sealed.read(headerBytes, AGE_NONCE_BYTES));
  }

  read(at: number, length: number): Buffer {
    if (at + length > this.size) throw this.#damaged('part-too-short', 'is too short', this.size);
    const first = Math.floor(at / AGE_CHUNK);
    const last = Math.floor(Math.max(at, at + length - 1) / AGE_CHUNK);
    const plain = this.#open(first, last);
    const start = at - first * AGE_CHUNK;
    return plain.subarray(start, start + length);
  }

  close(): void {
    this.#sealed.close();
  }

  #open(first: number, last: number): Buffer {
    if (first === last && this.#kept?.index === first) return this.#kept.plain;
    const from = first * AGE_CHUNK_SEALED;
    const to = Math.min((last + 1) * AGE_CHUNK_SEALED, this.#sealed.size - this.#payloadAt);
    const sealed = this.#sealed.read(this.#payloadAt + from, to - from);
    const chunks: Buffer[] = [];
    for (let index = first; index <= last; index += 1) {
      const at = (index - first) * AGE_CHUNK_SEALED;
      const chunk = sealed.subarray(at, at + AGE_CHUNK_SEALED);
      const plain = openChunk(this.#key, index, index === this.#chunks - 1, chunk);
      if (plain === undefined)
        throw this.#damaged('bit-rot', 'is damaged', this.#payloadAt + from + at);
      chunks.push(plain);
    }
    this.#kept = { index: last, plain: chunks.at(-1)! };
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }

  #damaged(code: string, what: string, offset: number): Error {
    return corrupt(code, say`The encrypted file "${{ path: this.#name }}" ${{ what }}.`, {
      hint: 'Take it from another copy; files whose data stands elsewhere stay readable.',
      place: { path: this.#name, offset },
    });
  }
}
