import { createHash } from 'node:crypto';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { assert, toErrorData } from '../../../shared/errors.ts';
import { CommandFeed } from '../../engine/stream/command-feed.ts';
import { typedFs } from '../../linux/libc-error.ts';
import { memoryOf } from '../index/byte-list.ts';
import { FileHashes } from '../index/file-hash.ts';
import { IndexFileWriter } from '../index/index-file.ts';
import { IndexWriter } from '../index/index-writer.ts';
import { IndexingSink } from '../index/indexing-sink.ts';
import { FrameRing } from './frame-ring.ts';
import type { ThreadAnswer, ThreadData } from './frame-thread.ts';
import type { FromIndexer, Indexed, IndexedThere, IndexSpec, ToIndexer } from './index-messages.ts';

/**
 * The thread that makes the index, the hash of each file and that of the whole out of the stream
 * itself, as it goes by: of one stream after another, until one fails or is not wanted. Hashes that
 * need more than the stream come from the engine, at the end.
 */
const port = parentPort;
assert(port, 'the indexer is started as a worker thread');
let job: IndexJob | undefined;
port.on('message', (message: ThreadData<IndexSpec> | ToIndexer) => {
  if ('spec' in message) {
    job = new IndexJob(message, () => port.close());
    job.begin();
  } else job!.end(message);
});

class IndexJob {
  readonly #spec: IndexSpec;
  readonly #answers: MessagePort;
  readonly #ring: FrameRing;
  readonly #endThread: () => void;
  readonly #writer = new IndexWriter((frame) => this.#file!.frame(frame));
  #file: IndexFileWriter | undefined;
  #plain: Indexed['plain'] = { bytes: 0, sha256: '' };

  constructor({ spec, ring, answers }: ThreadData<IndexSpec>, endThread: () => void) {
    this.#spec = spec;
    this.#answers = answers;
    this.#ring = new FrameRing(ring);
    this.#endThread = endThread;
  }

  begin(): void {
    this.#attempt(() => {
      this.#file = new IndexFileWriter(this.#spec.output);
      const indexed = this.#followed();
      // Read before the answer: after it the engine may end what it has got to its end.
      const { isAborted } = this.#ring;
      if (isAborted) this.#file.close();
      this.#answer({ answer: indexed }, memoryOf(indexed.due));
      if (isAborted) this.#endThread();
    });
  }

  end(message: ToIndexer): void {
    this.#attempt(() => {
      if (message.kind === 'abort') {
        this.#file!.close();
        this.#answer({ answer: { path: '', bytes: 0, sha256: '' } });
        return this.#endThread();
      }
      const { hashes, identity } = message;
      const writer = this.#writer;
      writer.hashes(new FileHashes(hashes));
      writer.flush();
      const { operations, foreign } = writer;
      const footer = { format: 'dendro-index', version: 1, ...identity } as const;
      const plainSha256 = this.#plain.sha256;
      const written = this.#file!.finish({ ...footer, plainSha256, operations, foreign });
      this.#answer({ answer: written });
    });
  }

  /** Goes over the stream to its end, or until nobody wants it. */
  #followed(): IndexedThere {
    const ring = this.#ring;
    const writer = this.#writer;
    const sink: IndexingSink = new IndexingSink(writer, (data) => feed.base + data.byteOffset);
    const feed = new CommandFeed(sink);
    const hash = createHash('sha256');
    let bytes = 0;
    for (let number = 0; ring.await(number); number += 1) {
      const frame = ring.frame(number);
      hash.update(frame);
      feed.push(frame);
      bytes += frame.length;
      ring.take('indexer');
    }
    this.#plain = { bytes, sha256: hash.digest('hex') };
    const { dataBytes, foreign, hasher } = writer;
    writer.settle();
    const due = hasher.due.packed;
    return { commands: sink.commands, dataBytes, plain: this.#plain, foreign, due };
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#file?.close();
      this.#answer({ error: toErrorData(typedFs(error)) });
      this.#endThread();
    }
  }

  #answer(message: ThreadAnswer<FromIndexer>, memory: ArrayBuffer[] = []): void {
    this.#answers.postMessage(message, memory);
    this.#ring.told();
  }
}
