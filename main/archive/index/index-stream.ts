import type { CancelToken } from '../../engine/cancel.ts';
import type { Bytes } from '../../engine/stream/command-sink.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import type { ByteSource } from '../../engine/stream/decode-source.ts';
import type { LoadedIndex } from './index-file.ts';
import { IndexWriter } from './index-writer.ts';
import { IndexingSink, type StreamFacts } from './indexing-sink.ts';

export interface IndexedStream {
  readonly index: LoadedIndex;
  readonly facts: StreamFacts;
  readonly commands: number;
  readonly protocol: number;
  readonly operations: number;
  readonly dataBytes: number;
  /** Paths whose content is not hashed yet, see `ContentHasher`. */
  readonly due: ReadonlySet<string>;
}

/**
 * Reads a whole plain stream and makes its index in memory.
 * @throws Corrupt, Unsupported: what is wrong with the stream, and where
 */
export function indexStream(
  source: ByteSource,
  cancel: CancelToken,
  onProgress: (bytes: number, commands: number) => void = () => {},
): IndexedStream {
  const frames: Buffer[] = [];
  const writer = new IndexWriter((frame) => void frames.push(frame));
  let base = 0;
  const sink = new IndexingSink(writer, (data: Bytes) => base + data.byteOffset);
  const { version } = decodeStream(source, sink, {
    cancel,
    stopAtEnd: true,
    onProgress,
    onCommand: (bytes, offset) => (base = offset - bytes.byteOffset),
  });
  writer.flush();
  return {
    index: { frames, foreign: writer.foreign },
    facts: sink.facts!,
    commands: sink.commands,
    protocol: version,
    operations: writer.operations,
    dataBytes: writer.dataBytes,
    due: writer.hasher.due,
  };
}
