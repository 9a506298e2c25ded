import { workerData } from 'node:worker_threads';
import { toErrorData } from '../../../shared/errors.ts';
import { writeAll } from '../../linux/write-all.ts';
import { putChecksums } from '../../engine/stream/due-checksums.ts';
import { SlotRing } from './slot-ring.ts';
import type { StreamThreadData } from './stream-thread.ts';

/** The thread that writes a stream, while the engine makes what comes next. */
const { fd, ring: memory, failures } = workerData as StreamThreadData;
const ring = new SlotRing(memory);
ring.started();
try {
  for (let slot = next(); slot !== undefined; slot = next()) {
    putChecksums(slot);
    writeAll(fd, slot);
    ring.take();
  }
} catch (error) {
  failures.postMessage(toErrorData(error));
  ring.wakeGiver();
}

/** Waits for a slot; undefined when none comes any more. */
function next(): Uint8Array | undefined {
  for (;;) {
    const mark = ring.takerMark;
    const slot = ring.next;
    if (slot !== undefined || ring.isEnded) return slot?.bytes;
    ring.takerWait(mark);
  }
}
