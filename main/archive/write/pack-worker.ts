import { createHash } from 'node:crypto';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { assert, toErrorData } from '../../../shared/errors.ts';
import { typedFs } from '../../linux/libc-error.ts';
import { encodeSeekTable, FrameTable } from '../format/seek-table.ts';
import { FramePacker } from './frame-packer.ts';
import {
  SLOT_BYTES,
  STATE,
  WORD,
  type Packed,
  type PackSpec,
  type ToPacker,
} from './pack-messages.ts';
import { PackOutput } from './pack-output.ts';

/**
 * The thread that compresses, hashes, encrypts and writes, while the engine reads ahead. Frames
 * are compressed side by side in the thread pool and written in their order.
 */
const port = parentPort;
assert(port, 'the packer is started as a worker thread');
const { spec, answers } = workerData as { spec: PackSpec; answers: MessagePort };
const control = new Int32Array(spec.control);
const slots = Buffer.from(spec.slots);
const table = new FrameTable();
for (const [length, plainLength] of spec.keptFrames) table.add(length, plainLength);
const plainHash = createHash('sha256');
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

function frame({ slot, length, isKnown }: Extract<ToPacker, { kind: 'frame' }>): void {
  if (hasFailed) return;
  const plain = slots.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + length);
  const packed = isKnown ? undefined : (packers[slot] ??= new FramePacker(spec.level)).pack(plain);
  if (packed !== undefined) {
    inHand.add(packed);
    // What goes wrong is met where the frame is waited for.
    void packed.catch(() => {}).then(() => inHand.delete(packed));
  }
  plainHash.update(plain);
  order = order.then(async () => write(await packed, length)).catch(fail);
}

function write(packed: Uint8Array | undefined, plainLength: number): void {
  if (hasFailed) return;
  if (packed !== undefined) {
    output!.write(packed);
    table.add(packed.length, plainLength);
  }
  Atomics.add(control, WORD.taken, 1);
  Atomics.notify(control, WORD.taken);
}

function end(isWhole: boolean): void {
  if (hasFailed) return;
  if (!isWhole) {
    output?.close();
    return answer(STATE.done, { packed: nothing() });
  }
  output!.write(encodeSeekTable(table));
  const parts = output!.finish();
  const { plainLength, count } = table;
  const plainSha256 = plainHash.digest('hex');
  answer(STATE.done, { packed: { parts, plainBytes: plainLength, plainSha256, frames: count } });
}

function nothing(): Packed {
  return { parts: [], plainBytes: 0, plainSha256: '', frames: 0 };
}

function fail(error: unknown): void {
  if (hasFailed) return;
  hasFailed = true;
  output?.close();
  // No thread may be at work in memory that goes with this one.
  void Promise.allSettled(inHand).then(() =>
    answer(STATE.failed, { error: toErrorData(typedFs(error)) }),
  );
}

function answer(state: number, message: object): void {
  for (const packer of packers) packer?.close();
  answers.postMessage(message);
  Atomics.store(control, WORD.state, state);
  // The engine waits on the first word for either.
  Atomics.add(control, WORD.taken, 1);
  Atomics.notify(control, WORD.taken);
  port!.close();
}
