import { parentPort, type MessagePort } from 'node:worker_threads';
import { assert, toErrorData } from '../../../shared/errors.ts';
import { typedFs } from '../../linux/libc-error.ts';
import { encodeSeekTable, FrameTable } from '../format/seek-table.ts';
import { FramePacker } from './frame-packer.ts';
import { FrameRing } from './frame-ring.ts';
import type { ThreadAnswer, ThreadData } from './frame-thread.ts';
import type { Packed, PackSpec, ToPacker } from './pack-messages.ts';
import { PackOutput } from './pack-output.ts';

/**
 * The thread that compresses, hashes, encrypts and writes, while the engine reads ahead: one stream
 * file after another, until one fails or is not wanted. Frames are compressed side by side in the
 * thread pool and written in their order.
 */
const port = parentPort;
assert(port, 'the packer is started as a worker thread');
let job: PackJob | undefined;
port.on('message', (message: ThreadData<PackSpec> | ToPacker) => {
  if ('spec' in message) job = new PackJob(message, () => port.close());
  else job!.take(message);
});

class PackJob {
  readonly #spec: PackSpec;
  readonly #answers: MessagePort;
  readonly #ring: FrameRing;
  readonly #endThread: () => void;
  readonly #table = new FrameTable();
  #output: PackOutput | undefined;
  #order: Promise<void> = Promise.resolve();
  #hasFailed = false;
  /** One a slot, made when it is first used. */
  readonly #packers: (FramePacker | undefined)[] = [];
  /** Frames that a thread of the pool has in hand. */
  readonly #inHand = new Set<Promise<Uint8Array>>();

  constructor({ spec, ring, answers }: ThreadData<PackSpec>, endThread: () => void) {
    this.#spec = spec;
    this.#answers = answers;
    this.#ring = new FrameRing(ring);
    this.#endThread = endThread;
    for (const [length, plainLength] of spec.keptFrames) this.#table.add(length, plainLength);
    try {
      this.#output = new PackOutput(spec.output);
    } catch (error) {
      this.#fail(error);
    }
  }

  take(message: ToPacker): void {
    if (message.kind === 'frame') return this.#frame(message);
    this.#order = this.#order
      .then(() => this.#end(message.kind === 'finish'))
      .catch((error: unknown) => this.#fail(error));
  }

  #frame({ number, isKnown }: Extract<ToPacker, { kind: 'frame' }>): void {
    if (this.#hasFailed) return;
    const plain = this.#ring.frame(number);
    const packed = isKnown ? undefined : this.#packerOf(number).pack(plain);
    if (packed !== undefined) {
      this.#inHand.add(packed);
      // What goes wrong is met where the frame is waited for.
      void packed.catch(() => {}).then(() => this.#inHand.delete(packed));
    }
    this.#order = this.#order
      .then(async () => this.#write(await packed, plain.length))
      .catch((error: unknown) => this.#fail(error));
  }

  #packerOf(number: number): FramePacker {
    return (this.#packers[this.#ring.slotOf(number)] ??= new FramePacker(this.#spec.level));
  }

  #write(packed: Uint8Array | undefined, plainLength: number): void {
    if (this.#hasFailed) return;
    if (packed !== undefined) {
      this.#output!.write(packed);
      this.#table.add(packed.length, plainLength);
    }
    this.#ring.take('packer');
  }

  #end(isWhole: boolean): void {
    if (this.#hasFailed) return;
    if (!isWhole) {
      this.#output?.close();
      this.#answer({ answer: { parts: [], plainBytes: 0 } });
      return this.#endThread();
    }
    this.#output!.write(encodeSeekTable(this.#table));
    const parts = this.#output!.finish();
    this.#answer({ answer: { parts, plainBytes: this.#table.plainLength } });
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#output?.close();
    // No thread may be at work in memory that goes with this one.
    void Promise.allSettled(this.#inHand).then(() => {
      this.#answer({ error: toErrorData(typedFs(error)) });
      this.#endThread();
    });
  }

  #answer(message: ThreadAnswer<Packed>): void {
    for (const packer of this.#packers) packer?.close();
    this.#answers.postMessage(message);
    this.#ring.told();
  }
}
