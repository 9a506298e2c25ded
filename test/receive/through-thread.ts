import { closeSync, openSync, writeFileSync } from 'node:fs';
import { InputThread } from '../../main/cli/stream-threads/input-thread.ts';
import type { ByteSource } from '../../main/engine/stream/decode-source.ts';
import type { Random } from '../harness/random.ts';

const MIB = 1 << 20;
/** As if so much had come in one command: the thread starts then. */
const ENOUGH_BYTES = 8 * MIB;
const START_TRIES = 10_000;
const THREAD_ENDS_WITHIN_MS = 10_000;

const clock = new Int32Array(new SharedArrayBuffer(4));

export interface ThreadedStream {
  readonly source: ByteSource;
  /** Whether the thread has taken over. */
  readonly isAhead: () => boolean;
  readonly close: () => void;
}

const due: { readonly fd: number; readonly at: number }[] = [];

/** The thread may still be about to read from it: from something else that has its number then. */
function closeLater(fd: number): void {
  due.push({ fd, at: performance.now() + THREAD_ENDS_WITHIN_MS });
  while (due[0] !== undefined && due[0].at < performance.now()) closeSync(due.shift()!.fd);
}

/**
 * A stream that a thread reads and checks (`InputThread`) from a random place near its start on,
 * however short it is. @param path of a file for its bytes
 */
export function throughThread(stream: Uint8Array, path: string, random: Random): ThreadedStream {
  writeFileSync(path, stream);
  const fd = openSync(path, 'r');
  const input = new InputThread(fd);
  const most = random.pick([1, 17, 100, 300, 1000, 10_000, 100_000]);
  const from = random.between(0, most + 1);
  let read = 0;
  let isAhead = false;
  const source: ByteSource = {
    read(target, offset, length) {
      const count = input.read(target, offset, Math.min(length, most));
      read += count;
      return count;
    },
    ahead(_bytes, _commands, rest) {
      if (read < from) return undefined;
      let pieces = input.ahead(ENOUGH_BYTES, 1, rest);
      for (let tries = 0; pieces === undefined && tries < START_TRIES; tries += 1) {
        Atomics.wait(clock, 0, 0, 1);
        pieces = input.ahead(ENOUGH_BYTES, 1, rest);
      }
      isAhead ||= pieces !== undefined;
      return pieces;
    },
  };
  const close = (): void => {
    input.end();
    closeLater(fd);
  };
  return { source, isAhead: () => isAhead, close };
}
