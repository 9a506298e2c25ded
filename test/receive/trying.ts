import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bytesSource, type ByteSource } from '../../main/engine/stream/decode-source.ts';
import type { Random } from '../harness/random.ts';
import { outcomeOf, type Outcome } from './spoilt-streams.ts';
import { throughThread } from './through-thread.ts';

/** How a stream comes to who receives it. */
export type Trying = (
  stream: Uint8Array,
  random: Random,
  receive: (source: ByteSource) => void,
) => Outcome;

export const atOnce: Trying = (stream, _random, receive) =>
  outcomeOf(() => receive(bytesSource(stream)));

/** Most of it by way of the thread that reads and checks long streams. */
export class WithThread {
  handedOver = 0;
  readonly #folder = mkdtempSync('/dev/shm/dendro-test-');

  readonly try: Trying = (stream, random, receive) => {
    const { source, isAhead, close } = throughThread(stream, join(this.#folder, 'stream'), random);
    try {
      return outcomeOf(() => receive(source));
    } finally {
      if (isAhead()) this.handedOver += 1;
      close();
    }
  };

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
