import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import { COMMAND, STREAM_MAGIC } from '../../engine/stream/protocol.ts';
import type { AgeHeader } from '../format/age-header.ts';
import type { FilePart, SourceRecord } from '../format/manifest.ts';
import { FileHashes } from '../index/file-hash.ts';
import type { StreamFacts } from '../index/indexing-sink.ts';
import type { Indexed } from '../write/index-messages.ts';
import { PointWriter, type PointFilesSpec } from '../write/point-writer.ts';
import { endCommand, unlinkCommand } from './cut-stream.ts';
import { HalfDone } from './half-done.ts';

export interface SubvolumeSpec {
  readonly facts: StreamFacts;
  readonly source: SourceRecord;
  readonly files: PointFilesSpec;
  readonly header: AgeHeader | null;
  /** Of the stream that it came in. */
  readonly protocol: number;
  /** The stream ends too early: its beginning is taken. */
  readonly isCut: boolean;
}

/** A subvolume whose files are whole and that no record tells of yet. */
export interface ImportedSubvolume extends Omit<SubvolumeSpec, 'files' | 'header'> {
  readonly base: string;
  readonly commands: number;
  readonly parts: readonly FilePart[];
  readonly index: FilePart;
  readonly indexed: Indexed;
  /** Files that had begun and are left out. */
  readonly leftOut: readonly string[];
}

const BUFFER_BYTES = 1 << 20;

/** One subvolume of an imported file on its way into the archive: a stream of its own. */
export class SubvolumeImport {
  readonly spec: SubvolumeSpec;
  /** Whether its END has come. */
  hasEnd = false;
  readonly #writer: PointWriter;
  readonly #halfDone = new HalfDone();
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  #buffered = 0;
  #commands = 1;

  /** @param first the command that begins it */
  constructor(spec: SubvolumeSpec, first: Buffer) {
    this.spec = spec;
    this.#writer = new PointWriter(spec.files, spec.header);
    this.#append(streamHeader(spec.protocol));
    this.#append(first);
  }

  command(bytes: Buffer): void {
    this.#append(bytes);
    this.#commands += 1;
    if (this.spec.isCut) this.#halfDone.command(bytes);
    if (bytes.readUInt16LE(4) === COMMAND.end) this.hasEnd = true;
  }

  /** Its files are on the drive when this returns, and its threads have ended. */
  end(): ImportedSubvolume {
    const leftOut = this.hasEnd ? [] : this.#leaveOut();
    this.#flush();
    const indexed = this.#writer.indexed();
    const parts = this.#writer.finishStream();
    const { files, facts, source, protocol, isCut } = this.spec;
    const index = this.#writer.finishIndex(facts.identity, new FileHashes());
    return {
      ...{ facts, source, protocol, isCut, base: files.base },
      ...{ commands: this.#commands, parts, index, indexed, leftOut },
    };
  }

  abort(): void {
    this.#writer.abort();
  }

  /** What is not whole is taken away again. */
  #leaveOut(): string[] {
    const paths = [...this.#halfDone.paths].map((path) => Buffer.from(path, 'latin1'));
    for (const path of paths) this.#append(unlinkCommand(path));
    this.#append(endCommand());
    this.#commands += paths.length + 1;
    return paths.map((path) => textFromBytes(path));
  }

  #append(bytes: Uint8Array): void {
    if (this.#buffered + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length > BUFFER_BYTES) return this.#writer.write(bytes);
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  #flush(): void {
    if (this.#buffered > 0) this.#writer.write(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }
}

function streamHeader(version: number): Buffer {
  const header = Buffer.alloc(STREAM_MAGIC.length + 4);
  header.set(STREAM_MAGIC);
  header.writeUInt32LE(version, STREAM_MAGIC.length);
  return header;
}
