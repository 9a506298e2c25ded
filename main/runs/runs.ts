import { conflict, toErrorData } from '../../shared/errors.ts';
import type { Run } from '../../shared/model/run.ts';
import { CancelToken } from '../engine/cancel.ts';
import type { RunHistory } from '../history/runs.ts';
import { RateMeter } from './rate-meter.ts';
import { begun, failed, planned, progressed, stepped, succeeded, type RunSpec } from './report.ts';

const EMIT_MS = 100;
const RECORD_MS = 2_000;

export interface RunsOptions {
  readonly history: RunHistory;
  readonly emit: (run: Run) => void;
  readonly nowMs: () => number;
  readonly newId: () => string;
  /** Names this process, see `main/linux/process-identity.ts`. */
  readonly owner: string;
}

/** What a running piece of work may say of itself. */
export interface RunHandle {
  readonly runId: string;
  readonly cancel: CancelToken;
  /** Begins the named step; `detail` is the last word on the one before it. */
  step(name: string, detail?: string): void;
  /** The exact totals, once they are known. */
  plan(totalBytes: number, totalFiles: number): void;
  progress(bytes: number, files: number, current: string): void;
  /** A thing that a person should know though the run goes well. */
  note(text: string): void;
  /** What a person would type for the same, once it is known. */
  typed(commandLine: string): void;
}

export type Work = (
  handle: RunHandle,
) => Promise<{ readonly result: Run['result']; readonly detail?: string }>;

interface Live {
  run: Run;
  readonly cancel: CancelToken;
  readonly ended: Promise<Run>;
}

/** Carries work out as runs: recorded from the first moment, reported as it goes, ended once. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #live = new Map<string, Live>();

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  start(spec: RunSpec, work: Work): Run {
    const { history, owner, newId, nowMs, emit } = this.#options;
    const run = begun(newId(), spec, nowMs());
    history.begin(run, owner);
    emit(run);
    const cancel = new CancelToken();
    const live: Live = {
      run,
      cancel,
      ended: Promise.resolve().then(() => this.#carry(live, work)),
    };
    this.#live.set(run.runId, live);
    return run;
  }

  /** The run as it is this moment, also when it is not recorded yet. */
  get(runId: string): Run {
    return this.#live.get(runId)?.run ?? this.#options.history.get(runId);
  }

  /** @throws Conflict 'run-not-running' */
  cancel(runId: string): void {
    const live = this.#live.get(runId);
    if (live) return live.cancel.cancel();
    const { state } = this.#options.history.get(runId);
    throw conflict('run-not-running', `This run is not running here: it is ${state}.`, {
      hint: state === 'running' ? 'Another Dendro carries it out: cancel it there.' : '',
    });
  }

  /** Resolves when the run has ended, however it ended. */
  async ended(runId: string): Promise<Run> {
    return (await this.#live.get(runId)?.ended) ?? this.#options.history.get(runId);
  }

  get live(): readonly Run[] {
    return [...this.#live.values()].map(({ run }) => run);
  }

  /** Cancels all and waits until each has cleaned up. */
  async close(): Promise<void> {
    const all = [...this.#live.values()];
    for (const { cancel } of all) cancel.cancel();
    await Promise.all(all.map(({ ended }) => ended));
  }

  async #carry(live: Live, work: Work): Promise<Run> {
    const { history, nowMs, emit } = this.#options;
    try {
      const { result, detail } = await work(this.#handle(live));
      live.run = succeeded(live.run, result, nowMs(), detail);
    } catch (error) {
      live.run = failed(live.run, toErrorData(error), nowMs());
    }
    history.update(live.run);
    this.#live.delete(live.run.runId);
    emit(live.run);
    return live.run;
  }

  #handle(live: Live): RunHandle {
    const { history, nowMs, emit } = this.#options;
    const rate = new RateMeter();
    let emittedMs = 0;
    let recordedMs = 0;
    const changed = (run: Run, atOnce: boolean): void => {
      live.run = run;
      const now = nowMs();
      if (atOnce || now - emittedMs >= EMIT_MS) {
        emittedMs = now;
        emit(run);
      }
      if (atOnce || now - recordedMs >= RECORD_MS) {
        recordedMs = now;
        history.update(run);
      }
    };
    return {
      runId: live.run.runId,
      cancel: live.cancel,
      step: (name, detail) => changed(stepped(live.run, name, nowMs(), detail), true),
      plan: (totalBytes, totalFiles) => changed(planned(live.run, totalBytes, totalFiles), true),
      progress: (bytes, files, current) => {
        rate.add(bytes, nowMs());
        changed(progressed(live.run, { bytes, files, current }, rate.bytesPerSecond), false);
      },
      typed: (commandLine) => changed({ ...live.run, commandLine }, true),
      note: (text) => changed({ ...live.run, notes: [...live.run.notes, text] }, true),
    };
  }
}
