import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { assert } from '../../../shared/errors.ts';
import { makeHeader, type AgeHeader } from '../format/age-header.ts';
import { AGE_NONCE_BYTES } from '../format/age-payload.ts';
import type { FilePart, Identity } from '../format/manifest.ts';
import { ByteList, memoryOf } from '../index/byte-list.ts';
import type { FileHashes } from '../index/file-hash.ts';
import { AGE_SUFFIX, INDEX_SUFFIX, STREAM_SUFFIX } from '../folder/names.ts';
import { FrameRing, FRAME_BYTES } from './frame-ring.ts';
import { FrameThread } from './frame-thread.ts';
import type { FromIndexer, Indexed, IndexedThere, IndexSpec, ToIndexer } from './index-messages.ts';
import type { Packed, PackSpec, ToPacker } from './pack-messages.ts';
import { filePart, type OutputSpec, type WrittenPart } from './pack-output.ts';

export interface PointFilesSpec {
  /** Absolute: the folder of the source in the archive. */
  readonly inside: string;
  readonly base: string;
  /** `age1...`; empty: not encrypted. */
  readonly recipients: readonly string[];
  readonly level: number;
  readonly partBytes: number;
  /** What an earlier run left of the stream file. */
  readonly kept?: KeptStream;
}

export interface KeptStream {
  /** Bytes of each temporary part. */
  readonly parts: readonly number[];
  readonly frames: readonly (readonly [length: number, plainLength: number])[];
}

/**
 * Writes the stream file of one point and the index beside it, each in a thread of its own; both
 * get their names at the end. All calls are synchronous, and wait where a thread has not kept up;
 * what fails in one of them is thrown by the next call.
 */
export class PointWriter {
  readonly #ring = new FrameRing();
  readonly #packer: FrameThread<ToPacker, Packed>;
  readonly #indexer: FrameThread<ToIndexer, FromIndexer>;
  /** Of the plain stream, so far. */
  #bytes = 0;

  static async open(spec: PointFilesSpec): Promise<PointWriter> {
    return new PointWriter(spec, await headerFor(spec.recipients));
  }

  /** @param header from `headerFor`; one may serve several files, each has a nonce of its own. */
  constructor(spec: PointFilesSpec, header: AgeHeader | null) {
    const outputOf = (kind: string): Pick<OutputSpec, 'path' | 'age'> => ({
      path: join(spec.inside, `${spec.base}${kind}${header === null ? '' : AGE_SUFFIX}`),
      age: header && {
        header: header.bytes,
        fileKey: header.fileKey,
        nonce: randomBytes(AGE_NONCE_BYTES),
      },
    });
    const { kept, partBytes, level } = spec;
    this.#packer = new FrameThread('packer', this.#ring, {
      output: { ...outputOf(STREAM_SUFFIX), partBytes, keep: kept?.parts ?? [] },
      level,
      keptFrames: kept?.frames ?? [],
    } satisfies PackSpec);
    this.#indexer = new FrameThread('indexer', this.#ring, {
      output: { ...outputOf(INDEX_SUFFIX), partBytes: Number.MAX_SAFE_INTEGER, keep: [] },
    } satisfies IndexSpec);
  }

  /** Plain bytes of the stream, each call whole commands: where it may be gone on later. */
  write(bytes: Uint8Array): void {
    this.#frames(bytes, false);
  }

  /** Plain bytes that are in the kept part of the file. */
  known(bytes: Uint8Array): void {
    this.#frames(bytes, true);
  }

  /** Once, when all is written: what the stream was. */
  indexed(): Indexed {
    this.#ring.end('whole');
    const indexed = this.#indexer.answer() as IndexedThere;
    // Its hash is of what came out of the shared memory: this proves that all of it did.
    assert(indexed.plain.bytes === this.#bytes, 'the indexer has the stream that it was given');
    return { ...indexed, due: new ByteList(indexed.due) };
  }

  /** Once: the stream is on the drive under its name when this returns. */
  finishStream(): FilePart[] {
    this.#packer.send({ kind: 'finish' });
    const { parts, plainBytes } = this.#packer.answer();
    this.#packer.done();
    assert(plainBytes === this.#bytes, 'the packer has the stream that it was given');
    return parts.map(filePart);
  }

  /**
   * After the two: the index is on the drive under its name when this returns.
   * @param hashes of what is due, as far as it is to be had; they are gone then
   */
  finishIndex({ uuid, ctransid }: Identity, hashes: FileHashes): FilePart {
    const { packed } = hashes;
    const message = { kind: 'finish', identity: { uuid, ctransid }, hashes: packed } as const;
    this.#indexer.send(message, memoryOf(packed));
    const written = this.#indexer.answer() as WrittenPart;
    this.#indexer.done();
    this.#ring.release();
    return filePart(written);
  }

  /** Leaves what was written under its temporary names. */
  abort(): void {
    this.#ring.end('aborted');
    this.#packer.abort({ kind: 'abort' });
    this.#indexer.abort({ kind: 'abort' });
  }

  #frames(bytes: Uint8Array, isKnown: boolean): void {
    this.#bytes += bytes.length;
    for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
      this.#awaitRoom();
      const number = this.#ring.put(bytes.subarray(at, at + FRAME_BYTES));
      this.#packer.send({ kind: 'frame', number, isKnown });
    }
  }

  #awaitRoom(): void {
    for (let tries = 0; ;) {
      const { mark } = this.#ring;
      this.#packer.check();
      this.#indexer.check();
      if (this.#ring.hasRoom) return;
      tries = this.#ring.wait(mark) ? 0 : tries + 1;
      this.#packer.lookAlive(tries);
      this.#indexer.lookAlive(tries);
    }
  }
}

/** Null where nothing is encrypted. */
export async function headerFor(recipients: readonly string[]): Promise<AgeHeader | null> {
  return recipients.length === 0 ? null : makeHeader(recipients);
}
