import { parentPort, workerData } from 'node:worker_threads';
import { assert, toErrorData } from '../../../shared/errors.ts';
import { typedFs } from '../../linux/libc-error.ts';
import { encodeSeekTable, FrameTable } from '../format/seek-table.ts';
import { FramePacker } from './frame-packer.ts';
import { FrameRing } from './frame-ring.ts';
import type { ThreadAnswer, ThreadData } from './frame-thread.ts';
import type { Packed, PackSpec, ToPacker } from './pack-messages.ts';
import { PackOutput } from './pack-output.ts';

/**
 * The thread that compresses, hashes, encrypts and writes, while the engine reads ahead. Frames
 * are compressed side by side in the thread pool and written in their order.
 */
const port = parentPort;
assert(port, 'the packer is started as a worker thread');
const { spec, answers, ring: memory } = workerData as ThreadData<PackSpec>;
const ring = new FrameRing(memory);
const table = new FrameTable();
for (const [length, plainLength] of spec.keptFrames) table.add(length, plainLength);
let output: PackOutput | undefined;
let order: Promise<void> = Promise.resolve();
let hasFailed = false;
/** One a slot, made when it is first used. */
const packers: (FramePacker | undefined)[] = [];
/** Frames that a thread of the pool has in hand. */
const inHand = new Set<Promise<Uint8Array>>();

try {
  output = new PackOutput(spec.output);
} catch (error) {
  fail(error);
}

port.on('message', (message: ToPacker) => {
  if (message.kind === 'frame') return frame(message);
  order = order.then(() => end(message.kind === 'finish')).catch(fail);
});

function frame({ number, isKnown }: Extract<ToPacker, { kind: 'frame' }>): void {
  if (hasFailed) return;
  const plain = ring.frame(number);
  const packed = isKnown ? undefined : packerOf(number).pack(plain);
  if (packed !== undefined) {
    inHand.add(packed);
    // What goes wrong is met where the frame is waited for.
    void packed.catch(() => {}).then(() => inHand.delete(packed));
  }
  order = order.then(async () => write(await packed, plain.length)).catch(fail);
}

function packerOf(number: number): FramePacker {
  return (packers[ring.slotOf(number)] ??= new FramePacker(spec.level));
}

function write(packed: Uint8Array | undefined, plainLength: number): void {
  if (hasFailed) return;
  if (packed !== undefined) {
    output!.write(packed);
    table.add(packed.length, plainLength);
  }
  ring.take('packer');
}

function end(isWhole: boolean): void {
  if (hasFailed) return;
  if (!isWhole) {
    output?.close();
    return answer({ answer: { parts: [], plainBytes: 0 } });
  }
  output!.write(encodeSeekTable(table));
  const parts = output!.finish();
  answer({ answer: { parts, plainBytes: table.plainLength } });
}

function fail(error: unknown): void {
  if (hasFailed) return;
  hasFailed = true;
  output?.close();
  // No thread may be at work in memory that goes with this one.
  void Promise.allSettled(inHand).then(() => answer({ error: toErrorData(typedFs(error)) }));
}

function answer(message: ThreadAnswer<Packed>): void {
  for (const packer of packers) packer?.close();
  answers.postMessage(message);
  ring.told();
  port!.close();
}
