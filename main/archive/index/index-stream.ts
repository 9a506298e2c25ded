import type { CancelToken } from '../../engine/cancel.ts';
import type { Bytes } from '../../engine/stream/command-sink.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import type { ByteSource } from '../../engine/stream/decode-source.ts';
import { FrameSpool } from './frame-spool.ts';
import type { LoadedIndex } from './index-file.ts';
import { IndexWriter } from './index-writer.ts';
import { IndexingSink, type StreamFacts } from './indexing-sink.ts';

export interface IndexedStream {
  /** Its frames lie in a file of their own, until they are closed. */
  readonly index: LoadedIndex & { readonly frames: FrameSpool };
  readonly facts: StreamFacts;
  readonly commands: number;
  readonly protocol: number;
  readonly operations: number;
  readonly dataBytes: number;
}

export interface IndexOptions {
  /** It is of an encrypted archive. */
  readonly isSecret: boolean;
  readonly onProgress?: (bytes: number, commands: number) => void;
}

/**
 * Reads a whole plain stream and makes its index.
 * @throws Corrupt, Unsupported: what is wrong with the stream, and where
 */
export function indexStream(
  source: ByteSource,
  cancel: CancelToken,
  { isSecret, onProgress = () => {} }: IndexOptions,
): IndexedStream {
  const frames = new FrameSpool(isSecret);
  const writer = new IndexWriter((frame) => frames.add(frame), false);
  let base = 0;
  const sink = new IndexingSink(writer, (data: Bytes) => base + data.byteOffset);
  let version: number;
  try {
    ({ version } = decodeStream(source, sink, {
      cancel,
      stopAtEnd: true,
      onProgress,
      onCommand: (bytes, offset) => (base = offset - bytes.byteOffset),
    }));
    writer.flush();
  } catch (error) {
    frames.close();
    throw error;
  }
  return {
    index: { frames, foreign: writer.foreign },
    facts: sink.facts!,
    commands: sink.commands,
    protocol: version,
    operations: writer.operations,
    dataBytes: writer.dataBytes,
  };
}
