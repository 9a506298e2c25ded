import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { makeHeader, type AgeHeader } from '../format/age-header.ts';
import { AGE_NONCE_BYTES } from '../format/age-payload.ts';
import type { FilePart, Identity } from '../format/manifest.ts';
import { AGE_SUFFIX, INDEX_SUFFIX, STREAM_SUFFIX } from '../folder/names.ts';
import { IndexFileWriter } from '../index/index-file.ts';
import { IndexWriter } from '../index/index-writer.ts';
import type { OutputSpec, WrittenPart } from './pack-output.ts';
import { Packer } from './packer.ts';

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
  /** Gets each frame of the index as well. */
  readonly onIndexFrame?: (frame: Buffer) => void;
}

export interface KeptStream {
  /** Bytes of each temporary part. */
  readonly parts: readonly number[];
  readonly frames: readonly (readonly [length: number, plainLength: number])[];
}

export interface WrittenPoint {
  readonly parts: FilePart[];
  readonly index: FilePart;
  readonly plain: { readonly bytes: number; readonly sha256: string };
}

/** Writes the stream file of one point and the index beside it; both get their names at the end. */
export class PointWriter {
  readonly index: IndexWriter;
  readonly #packer: Packer;
  readonly #indexFile: IndexFileWriter;

  /** Encryption is prepared first: after that everything is synchronous. */
  static async open(spec: PointFilesSpec): Promise<PointWriter> {
    return new PointWriter(spec, await headerFor(spec.recipients));
  }

  /** @param header from `headerFor`; one may serve several files, each has a nonce of its own. */
  constructor(spec: PointFilesSpec, header: AgeHeader | null) {
    const age = (): OutputSpec['age'] =>
      header && {
        header: header.bytes,
        fileKey: header.fileKey,
        nonce: randomBytes(AGE_NONCE_BYTES),
      };
    const suffix = header === null ? '' : AGE_SUFFIX;
    const at = (kind: string): string => join(spec.inside, `${spec.base}${kind}${suffix}`);
    const partBytes = Number.MAX_SAFE_INTEGER;
    this.#indexFile = new IndexFileWriter({
      path: at(INDEX_SUFFIX),
      partBytes,
      age: age(),
      keep: [],
    });
    this.index = new IndexWriter((frame) => {
      spec.onIndexFrame?.(frame);
      this.#indexFile.frame(frame);
    });
    const keep = spec.kept?.parts ?? [];
    const output = { path: at(STREAM_SUFFIX), partBytes: spec.partBytes, age: age(), keep };
    this.#packer = new Packer(output, spec.level, spec.kept?.frames);
  }

  /** Plain bytes of the stream, each call whole commands: where it may be gone on later. */
  write(bytes: Uint8Array): void {
    this.#packer.write(bytes);
  }

  /** Plain bytes that are in the kept part of the file. */
  known(bytes: Uint8Array): void {
    this.#packer.known(bytes);
  }

  finish(identity: Identity): WrittenPoint {
    const stream = this.finishStream();
    return { ...stream, index: this.finishIndex(identity, stream.plain.sha256) };
  }

  /** First the stream; operations may be added to the index after that. */
  finishStream(): Omit<WrittenPoint, 'index'> {
    const { parts, plainBytes, plainSha256 } = this.#packer.finish();
    return { parts: parts.map(partOf), plain: { bytes: plainBytes, sha256: plainSha256 } };
  }

  finishIndex(identity: Identity, plainSha256: string): FilePart {
    this.index.flush();
    const { operations, foreign } = this.index;
    return partOf(
      this.#indexFile.finish({
        ...{ format: 'dendro-index', version: 1, ...pick(identity), plainSha256 },
        ...{ operations, foreign },
      }),
    );
  }

  /** Leaves what was written under its temporary names. */
  abort(): void {
    this.#packer.abort();
    this.#indexFile.close();
  }
}

/** Null where nothing is encrypted. */
export async function headerFor(recipients: readonly string[]): Promise<AgeHeader | null> {
  return recipients.length === 0 ? null : makeHeader(recipients);
}

function pick({ uuid, ctransid }: Identity): Identity {
  return { uuid, ctransid };
}

function partOf({ path, bytes, sha256 }: WrittenPart): FilePart {
  return { file: basename(path), bytes, sha256 };
}
