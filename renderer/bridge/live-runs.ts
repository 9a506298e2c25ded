import type { Run } from '../../shared/model/run.ts';

/** A rate at a moment: x in epoch milliseconds, y in bytes a second. */
export interface RateSample {
  readonly x: number;
  readonly y: number;
}

/** Of each run so many samples are kept: a page that stays open for days does not grow. */
const MOST_SAMPLES = 600;
/** Of so many runs that ended, the newest. */
const MOST_ENDED = 50;
/** What ended well is told by the rest of the page, too. */
const DONE_SHOWN_MS = 600_000;
const NO_SAMPLES: readonly RateSample[] = [];

/**
 * The runs in flight, and those that ended while the page was open and were not put away. One of the
 * same name takes the place of what ended before, and what ended well goes by itself after a while:
 * a window that is left open for days would have little else.
 */
export class LiveRuns {
  #runs: readonly Run[] = [];
  readonly #putAway = new Set<string>();
  readonly #rates = new Map<string, readonly RateSample[]>();
  readonly #listeners = new Set<() => void>();

  get runs(): readonly Run[] {
    return this.#runs;
  }

  take(run: Run): void {
    this.#sample(run);
    if (this.#putAway.has(run.runId)) return;
    const known = this.#runs.findIndex((other) => other.runId === run.runId);
    if (known >= 0) this.#set(this.#runs.with(known, run));
    else this.#set(trimmed([run, ...this.#runs.filter((other) => !isFollowed(other, run))]));
    if (run.state === 'done') setTimeout(() => this.#drop(run.runId), DONE_SHOWN_MS);
  }

  /** How fast a run was, as long as this page looked. */
  rates(runId: string): readonly RateSample[] {
    return this.#rates.get(runId) ?? NO_SAMPLES;
  }

  /** What the service says is running now: others that we believed in have ended unseen. */
  settle(running: readonly Run[]): void {
    const alive = new Set(running.map((run) => run.runId));
    this.#set(this.#runs.filter((run) => run.state !== 'running' || alive.has(run.runId)));
    for (const run of running) this.take(run);
  }

  putAway(runId: string): void {
    this.#putAway.add(runId);
    this.#drop(runId);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #drop(runId: string): void {
    this.#set(this.#runs.filter((run) => run.runId !== runId));
  }

  #sample({ runId, state, progress }: Run): void {
    if (state !== 'running') return;
    const before = this.#rates.get(runId) ?? NO_SAMPLES;
    const sample = { x: Date.now(), y: progress.bytesPerSecond };
    // When there are too many every second one goes: the whole run stays in the picture.
    const kept = before.length < MOST_SAMPLES ? before : before.filter((_, i) => i % 2 === 0);
    this.#rates.set(runId, [...kept, sample]);
    const [oldest] = this.#rates.keys();
    if (this.#rates.size > MOST_ENDED && oldest !== undefined) this.#rates.delete(oldest);
  }

  #set(runs: readonly Run[]): void {
    this.#runs = runs;
    for (const listener of [...this.#listeners]) listener();
  }
}

function isFollowed(ended: Run, next: Run): boolean {
  const nameOf = ({ kind, title }: Run): string => JSON.stringify([kind, title]);
  return ended.state !== 'running' && nameOf(ended) === nameOf(next);
}

function trimmed(runs: readonly Run[]): readonly Run[] {
  let ended = 0;
  return runs.filter((run) => run.state === 'running' || ++ended <= MOST_ENDED);
}
