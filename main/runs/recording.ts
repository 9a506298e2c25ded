import { toErrorData, type DendroError } from '../../shared/errors.ts';
import type { Run } from '../../shared/model/run.ts';
import type { RunLog } from '../history/run-log.ts';
import type { RunHistory } from '../history/runs.ts';

/** A history in trouble is tried again after so long: a locked one keeps its caller waiting. */
const RETRY_MS = 30_000;

export interface RecordingOptions {
  readonly history: RunHistory;
  readonly log: RunLog;
  readonly nowMs: () => number;
  /** The typed error of a history that cannot be written now; undefined: a defect. */
  readonly explain: (error: unknown) => DendroError | undefined;
  /** Told that it cannot: for the log of whoever started the service. */
  readonly failed: (text: string) => void;
}

/**
 * Writes down how runs go. While the history cannot be written (another program holds it locked,
 * its disk is full) the work itself goes on, for nothing in the history is needed for a backup:
 * the last that is known of each run is kept, and written as soon as that can be.
 */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #late = new Map<string, Run>();
  #retry: NodeJS.Timeout | undefined;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  update(run: Run): void {
    this.#late.set(run.runId, run);
    if (this.#retry === undefined) this.#flush();
  }

  /** A word that cannot be written is lost. */
  say(runId: string, text: string): void {
    if (this.#retry !== undefined) return;
    this.#guarded(() => this.#options.log.add(runId, { atMs: this.#options.nowMs(), text }));
  }

  /** What is not written yet; undefined: the history has it. */
  find(runId: string): Run | undefined {
    return this.#late.get(runId);
  }

  /** The last try: what cannot be written now is told as interrupted at the next start. */
  close(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#flush();
    clearTimeout(this.#retry);
  }

  #flush(): void {
    this.#guarded(() => {
      for (const run of this.#late.values()) {
        this.#options.history.update(run, this.#options.nowMs());
        this.#late.delete(run.runId);
      }
    });
  }

  #guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      const trouble = this.#options.explain(error);
      if (trouble === undefined) throw error;
      this.#options.failed(`A run is not recorded yet: ${toErrorData(trouble).message}`);
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#flush();
      }, RETRY_MS).unref();
    }
  }
}
