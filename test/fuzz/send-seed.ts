import type { TestBtrfs } from '../harness/loop.ts';
import { History } from './history.ts';

export interface SeedResult {
  readonly seed: number;
  readonly streams: number;
  /** Empty when every snapshot arrived as it is. */
  readonly failure: string;
  readonly history: History;
}

/** Plays one random history; a failure comes with all that was done and the last stream. */
export function runSeed(source: TestBtrfs, target: TestBtrfs, seed: number): SeedResult {
  const history = new History(source, target, seed);
  let failure = '';
  try {
    history.play();
  } catch (error) {
    failure = `${textOf(error)}\n${history.log.join('\n')}\n${history.dump()}`;
  } finally {
    history.close();
  }
  return { seed, streams: history.streams, failure, history };
}

/**
 * Sends once more what a history sent, from the images of a source that is not mounted, and with
 * devices missing. Empty when each stream has the bytes that it had.
 */
export function proveElsewhere(source: TestBtrfs, spare: number, { history }: SeedResult): string {
  const { images } = source;
  const some = images.map((_, lost) =>
    images.filter((__, i) => (i - lost + images.length) % images.length >= spare),
  );
  try {
    for (const devices of spare === 0 ? [images] : [images, ...some]) history.proveSame(devices);
    return '';
  } catch (error) {
    return `${textOf(error)}\n${history.log.join('\n')}`;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
