import type { TestBtrfs } from '../harness/loop.ts';
import { History } from './history.ts';

export interface SeedResult {
  readonly streams: number;
  /** Empty when every snapshot arrived as it is. */
  readonly failure: string;
}

/** Plays one random history; a failure comes with all that was done and the last stream. */
export function runSeed(source: TestBtrfs, target: TestBtrfs, seed: number): SeedResult {
  const history = new History(source, target, seed);
  try {
    history.play();
    return { streams: history.streams, failure: '' };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      streams: history.streams,
      failure: `${text}\n${history.log.join('\n')}\n${history.dump()}`,
    };
  } finally {
    history.close();
  }
}
