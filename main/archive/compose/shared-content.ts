import type { ComposedSink } from './compose.ts';
import type { Identity } from '../format/manifest.ts';
import type { PlacedChunk } from '../tree/read-content.ts';
import type { WrittenData } from './written-data.ts';

/** What is cloned begins and ends at multiples of it; sectors are no smaller. */
const BLOCK = 4096;

interface Clone {
  readonly source: Buffer;
  readonly from: number;
  readonly to: number;
  length: number;
}

/** Writes the content of one file: data that another file of the stream has is cloned from that. */
export class SharedContent {
  readonly #sink: ComposedSink;
  readonly #path: Buffer;
  readonly #written: WrittenData;
  readonly #uuid: Buffer;
  readonly #ctransid: number;
  readonly #writeBytes: number;
  /** Its neighbours may go on where it ends. */
  #clone: Clone | undefined;

  /** @param identity of the snapshot that the stream makes */
  constructor(
    sink: ComposedSink,
    path: Buffer,
    written: WrittenData,
    { uuid, ctransid }: Identity,
    writeBytes: number,
  ) {
    this.#sink = sink;
    this.#path = path;
    this.#written = written;
    this.#uuid = Buffer.from(uuid, 'hex');
    this.#ctransid = ctransid;
    this.#writeBytes = writeBytes;
  }

  add({ offset, data, origin }: PlacedChunk): void {
    // All of it before any is laid: what is gone through must not change.
    for (const { from, length, source } of [...this.#written.find(origin, data.length)]) {
      const begin = offset + from;
      if (source !== undefined && (source.offset - begin) % BLOCK === 0) {
        const [first, end] = [roundUp(begin), roundDown(begin + length)];
        if (end > first) {
          this.#write(begin, data.subarray(from, first - offset));
          const at = source.offset + first - begin;
          this.#cloned({ source: source.path, from: at, to: first, length: end - first });
          this.#write(end, data.subarray(end - offset, from + length));
          continue;
        }
      }
      this.#write(begin, data.subarray(from, from + length));
      if (source === undefined) this.#written.add(origin, from, length, begin);
    }
  }

  end(): void {
    const clone = this.#clone;
    if (clone === undefined) return;
    this.#clone = undefined;
    const { source, from, to, length } = clone;
    this.#sink.clone(this.#path, to, length, this.#uuid, this.#ctransid, source, from);
  }

  #write(offset: number, data: Uint8Array): void {
    if (data.length === 0) return;
    this.end();
    for (let at = 0; at < data.length; at += this.#writeBytes) {
      this.#sink.write(this.#path, offset + at, data.subarray(at, at + this.#writeBytes));
    }
  }

  #cloned(next: Clone): void {
    const last = this.#clone;
    const isNext =
      last !== undefined &&
      last.to + last.length === next.to &&
      last.from + last.length === next.from &&
      last.source.equals(next.source);
    if (isNext) {
      last.length += next.length;
      return;
    }
    this.end();
    this.#clone = next;
  }
}

function roundUp(at: number): number {
  return Math.ceil(at / BLOCK) * BLOCK;
}

function roundDown(at: number): number {
  return Math.floor(at / BLOCK) * BLOCK;
}
