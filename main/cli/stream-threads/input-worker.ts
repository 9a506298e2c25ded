import { workerData } from 'node:worker_threads';
import { toErrorData } from '../../../shared/errors.ts';
import { fdSource } from '../../engine/stream/decode-source.ts';
import { POLL_IN, waitFor } from '../../linux/pipes.ts';
import { CommandCheck } from './command-check.ts';
import { SlotRing } from './slot-ring.ts';
import type { StreamThreadData } from './stream-thread.ts';

/** A thread that waits for the stream notices after so long that nobody wants it any more. */
const LOOK_UP_MS = 100;

/** The thread that reads a stream and checks it, while another carries out what came before. */
const { fd, ring: memory, failures } = workerData as StreamThreadData;
const ring = new SlotRing(memory);
ring.started();
try {
  readAhead();
} catch (error) {
  failures.postMessage(toErrorData(error));
  ring.wakeTaker();
}

function readAhead(): void {
  const source = fdSource(fd);
  const check = new CommandCheck();
  const begun = untilBegun();
  /** Read, behind the last whole command of the slot before. */
  let rest = ring.room.subarray(0, begun);
  while (untilRoom()) {
    const slot = ring.room;
    rest.copy(slot);
    let length = rest.length;
    let isEnd = false;
    let whole: number;
    do {
      const count = isReadable() ? source.read(slot, length, slot.length - length) : 0;
      isEnd = count === 0;
      length += count;
      whole = check.pieceOf(slot.subarray(0, length), length === slot.length);
    } while (whole === 0 && !isEnd && length < slot.length);
    if (isEnd) whole = length;
    rest = slot.subarray(whole, length);
    const checked = check.check(slot.subarray(0, whole), () => ring.waiting === 0);
    if (whole > 0) ring.give(whole, checked);
    if (isEnd) ring.end();
    else ring.wakeTaker();
  }
}

/** How much the first slot holds already. */
function untilBegun(): number {
  for (;;) {
    const mark = ring.giverMark;
    const { begun } = ring;
    if (begun !== undefined) return begun;
    if (ring.isEnded) return 0;
    ring.giverWait(mark);
  }
}

/** False: nobody wants more. */
function untilRoom(): boolean {
  for (;;) {
    const mark = ring.giverMark;
    if (ring.isEnded) return false;
    if (ring.hasRoom) return true;
    ring.giverWait(mark);
  }
}

/** False: nobody wants more. A read that waits could not be called off. */
function isReadable(): boolean {
  while (!waitFor([{ fd, events: POLL_IN }], LOOK_UP_MS)) if (ring.isEnded) return false;
  return true;
}
