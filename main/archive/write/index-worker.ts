import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { assert, toErrorData } from '../../../shared/errors.ts';
import { CommandFeed } from '../../engine/stream/command-feed.ts';
import { typedFs } from '../../linux/libc-error.ts';
import { IndexFileWriter } from '../index/index-file.ts';
import { IndexWriter } from '../index/index-writer.ts';
import { IndexingSink } from '../index/indexing-sink.ts';
import { FrameRing } from './frame-ring.ts';
import type { ThreadAnswer, ThreadData } from './frame-thread.ts';
import type { FromIndexer, Indexed, IndexSpec, ToIndexer } from './index-messages.ts';

/**
 * The thread that makes the index, the hash of each file and that of the whole out of the stream
 * itself, as it goes by; hashes that need more than the stream come from the engine, at the end.
 */
const port = parentPort;
assert(port, 'the indexer is started as a worker thread');
const { spec, answers, ring: memory } = workerData as ThreadData<IndexSpec>;
const ring = new FrameRing(memory);
let file: IndexFileWriter | undefined;
let plain: Indexed['plain'] = { bytes: 0, sha256: '' };
const writer = new IndexWriter((frame) => file!.frame(frame));

attempt(() => {
  file = new IndexFileWriter(spec.output);
  const indexed = followed();
  // Read before the answer: after it the engine may end what it has got to its end.
  const { isAborted } = ring;
  if (isAborted) file.close();
  else port.once('message', (message: ToIndexer) => attempt(() => end(message)));
  answer({ answer: indexed });
});

/** Goes over the stream to its end, or until nobody wants it. */
function followed(): Indexed {
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
  plain = { bytes, sha256: hash.digest('hex') };
  const { dataBytes, foreign, hasher } = writer;
  writer.settle();
  return { commands: sink.commands, dataBytes, plain, foreign, due: hasher.due };
}

function end(message: ToIndexer): void {
  if (message.kind === 'abort') {
    file!.close();
    return answer({ answer: { path: '', bytes: 0, sha256: '' } });
  }
  const { hashes, identity } = message;
  writer.hashes(hashes);
  writer.flush();
  const { operations, foreign } = writer;
  const footer = { format: 'dendro-index', version: 1, ...identity } as const;
  answer({ answer: file!.finish({ ...footer, plainSha256: plain.sha256, operations, foreign }) });
}

function attempt(step: () => void): void {
  try {
    step();
  } catch (error) {
    file?.close();
    answer({ error: toErrorData(typedFs(error)) });
  }
}

function answer(message: ThreadAnswer<FromIndexer>): void {
  answers.postMessage(message);
  ring.told();
}
