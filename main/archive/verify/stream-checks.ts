import { noted, say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { isSame } from '../folder/archive.ts';
import type { FrameSpool } from '../index/frame-spool.ts';
import { loadIndex, readIndexFooter } from '../index/index-file.ts';
import { indexStream, type IndexedStream } from '../index/index-stream.ts';
import { readTable } from '../read/frames.ts';
import type { ArchiveReader, PointRef } from '../read/reader.ts';
import { HashedSource } from '../read/stream-source.ts';
import { streamFile, type Findings } from './findings.ts';
import type { StoredFiles } from './stored-files.ts';
import { factsApart } from './stream-facts.ts';

export interface StreamChecksParts {
  readonly reader: ArchiveReader;
  readonly findings: Findings;
  readonly files: StoredFiles;
  readonly cancel: CancelToken;
  readonly onRead: (bytes: number, name: string) => void;
}

/** What a stream says itself, held against its record and its index. */
export class StreamChecks {
  readonly #parts: StreamChecksParts;

  constructor(parts: StreamChecksParts) {
    this.#parts = parts;
  }

  /** The whole stream, and its index as the stream makes it. */
  async full(ref: PointRef): Promise<void> {
    const { reader, findings, files, cancel, onRead } = this.#parts;
    const { point } = ref;
    await reader.unlock([ref]);
    const stream = reader.stream(ref);
    const isComplete = point.parts.every((part) => files.faultOf(ref, part) === undefined);
    if (isComplete && readTable(stream.raw) === undefined) {
      findings.add(
        'seek-table',
        streamFile(ref),
        noted('frame-table', 'The table of frames at its end is damaged; the frames may be whole.'),
      );
    }
    const hashed = new HashedSource(stream.plain);
    const indexed = indexStream(hashed, cancel, {
      isSecret: point.recipients.length > 0,
      onProgress: (bytes) => onRead(bytes, point.name),
    });
    // Not until all is closed: each has memory of its own.
    try {
      await this.#compare(ref, indexed, hashed);
    } finally {
      indexed.index.frames.close();
    }
  }

  async #compare(ref: PointRef, indexed: IndexedStream, hashed: HashedSource): Promise<void> {
    const { findings, files } = this.#parts;
    const { source, point } = ref;
    if (hashed.digest() !== point.plain.sha256) {
      findings.addOf(
        ref,
        'stream-hash',
        streamFile(ref),
        noted('stream-not-recorded', 'The plain stream is not the one that was recorded.'),
      );
    } else this.#facts(ref, indexed, hashed.bytes);
    if (point.index === null) return;
    const fault = files.faultOf(ref, point.index);
    if (fault !== undefined && fault.code !== 'part-size') return;
    const indexFile = `${source.folder}/${point.index.file}`;
    const compare = (): void => this.#compareIndex(ref, indexFile, indexed.index.frames);
    await findings.guard(ref, false, compare, indexFile);
  }

  /** What the index says of itself, where the stream is not read. One that is lost is made again. */
  async identity(ref: PointRef): Promise<void> {
    const { reader, findings, files } = this.#parts;
    const { source, point } = ref;
    if (point.index === null || files.faultOf(ref, point.index) !== undefined) return;
    await reader.unlock([ref]);
    const footer = readIndexFooter(reader.index(ref).plain);
    if (isSame(footer, point) || footer.plainSha256 !== point.plain.sha256) return;
    const file = `${source.folder}/${point.index.file}`;
    findings.addOf(ref, 'not-as-recorded', file, apart(['uuid', 'ctransid']));
  }

  /** What the record says of the stream is what the stream says. */
  #facts(ref: PointRef, indexed: IndexedStream, bytes: number): void {
    const { ofRestoring, others } = factsApart(indexed, bytes, ref.point);
    const fields = [...ofRestoring, ...others];
    if (fields.length === 0) return;
    const spoilt = ofRestoring.length > 0 ? ref : undefined;
    this.#parts.findings.addOf(spoilt, 'not-as-recorded', streamFile(ref), apart(fields));
  }

  /** The index says what the stream says; hashes that were added behind are its own. */
  #compareIndex(ref: PointRef, file: string, fresh: FrameSpool): void {
    const { reader, findings } = this.#parts;
    const frames = reader.index(ref).plain;
    const footer = readIndexFooter(frames);
    const isOfIt = isSame(footer, ref.point) && footer.plainSha256 === ref.point.plain.sha256;
    if (!isOfIt || !fresh.isBeginningOf(loadIndex(frames, footer).frames)) {
      const message = noted('index-not-fitting', 'The index does not fit its stream.');
      findings.add('index-stale', file, message);
      return;
    }
    // Whoever makes an index again, and is killed before its record, leaves it as another file.
    if (!findings.withdraw(['bit-rot', 'part-size'], file)) return;
    findings.notes.push(
      noted(
        'index-not-recorded',
        say`${{ file: printable(file) }} fits its stream, but it was written again since its hash was recorded. dendro archive rebuild-index records it.`,
      ),
    );
  }
}

function apart(fields: readonly string[]) {
  return noted(
    'not-as-recorded',
    say`The stream says something else than is recorded of it: ${{ fields: fields.join(', ') }}.`,
  );
}
