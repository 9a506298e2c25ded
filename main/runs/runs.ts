import { cancelled, conflict, toErrorData } from '../../shared/errors.ts';
import { say, textOf, type Note, type Noted } from '../../shared/said.ts';
import type { Progress, Run } from '../../shared/model/run.ts';
import { CancelToken } from '../engine/cancel.ts';
import type { RunLog } from '../history/run-log.ts';
import type { RunHistory } from '../history/runs.ts';
import { DeviceQueue } from './device-queue.ts';
import { RateMeter } from './rate-meter.ts';
import { Recording, type RecordingOptions } from './recording.ts';
import { begun, failed, planned, progressed, stepped, succeeded, type RunSpec } from './report.ts';

const EMIT_MS = 100;
const RECORD_MS = 2_000;
/** The step of a run whose device another one keeps busy. */
const WAIT = 'wait';

export interface RunsOptions {
  readonly history: RunHistory;
  readonly log: RunLog;
  readonly emit: (run: Run) => void;
  readonly nowMs: () => number;
  readonly newId: () => string;
  /** Names this process, see `main/linux/process-identity.ts`. */
  readonly owner: string;
  /** What is wrong with a history that cannot be written, and where that is told. */
  readonly explain: RecordingOptions['explain'];
  readonly failed: RecordingOptions['failed'];
}

/** What a running piece of work may say of itself. */
export interface RunHandle {
  readonly runId: string;
  readonly cancel: CancelToken;
  /** Begins the named step; `detail` is the last word on the one before it. */
  step(name: string, detail?: Noted): void;
  /** The exact totals, once they are known. */
  plan(totalBytes: number, totalFiles: number): void;
  progress(bytes: number, files: number, current: Progress['current']): void;
  /** A thing that a person should know though the run goes well. */
  note(note: Note): void;
  /** What a person would type for the same, once it is known. */
  typed(commandLine: string): void;
}

export type Work = (
  handle: RunHandle,
) => Promise<{ readonly result: Run['result']; readonly detail?: Noted }>;

interface Live {
  run: Run;
  readonly cancel: CancelToken;
  /** Ends its wait for a device. */
  stopWaiting: () => void;
  readonly ended: Promise<Run>;
}

/** Carries work out as runs: recorded from the first moment, reported as it goes, ended once. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #live = new Map<string, Live>();
  readonly #queue = new DeviceQueue();
  readonly #recording: Recording;
  #isClosed = false;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#recording = new Recording(options);
  }

  /** True once `close` has begun: what is cancelled now is to go on at the next start. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws Cancelled when the service is closing */
  start(spec: RunSpec, work: Work): Run {
    if (this.#isClosed) throw cancelled();
    const { history, owner, newId, nowMs, emit } = this.#options;
    const devices = spec.devices ?? [];
    const steps = this.#queue.isBusy(devices) ? [WAIT, ...spec.steps] : spec.steps;
    const run = begun(newId(), { ...spec, steps }, nowMs());
    history.begin(run, owner, spec.request);
    this.#recording.say(run.runId, `begins: ${textOf(run.title)}`);
    emit(run);
    const cancel = new CancelToken();
    const live: Live = {
      run,
      cancel,
      stopWaiting: () => undefined,
      ended: Promise.resolve().then(() => this.#carry(live, work, devices)),
    };
    this.#live.set(run.runId, live);
    return run;
  }

  /** The run as it is this moment, also when it is not recorded yet. */
  get(runId: string): Run {
    return this.#known(runId) ?? this.#options.history.get(runId);
  }

  /** @throws Conflict 'run-not-running' */
  cancel(runId: string): void {
    const live = this.#live.get(runId);
    if (live) {
      live.cancel.cancel();
      return live.stopWaiting();
    }
    const { state } = this.get(runId);
    throw conflict('run-not-running', say`This run is not running here: it is ${{ state }}.`, {
      hint: state === 'running' ? 'Another Dendro carries it out: cancel it there.' : '',
    });
  }

  /** Resolves when the run has ended, however it ended. */
  async ended(runId: string): Promise<Run> {
    const ended = await this.#live.get(runId)?.ended;
    return ended ?? this.get(runId);
  }

  get live(): readonly Run[] {
    return [...this.#live.values()].map(({ run }) => run);
  }

  /** Cancels all and waits until each has cleaned up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#live.values()];
    for (const { cancel, stopWaiting } of all) {
      cancel.cancel();
      stopWaiting();
    }
    await Promise.all(all.map(({ ended }) => ended));
    this.#recording.close();
  }

  /** Of one that is under way, or whose end is not recorded yet. */
  #known(runId: string): Run | undefined {
    return this.#live.get(runId)?.run ?? this.#recording.find(runId);
  }

  async #carry(live: Live, work: Work, devices: readonly string[]): Promise<Run> {
    const { nowMs, emit, explain } = this.#options;
    const handle = this.#handle(live);
    let release = (): void => undefined;
    try {
      if (this.#queue.isBusy(devices)) handle.step(WAIT);
      release = await this.#queue.acquire(devices, (abort) => (live.stopWaiting = abort));
      const { result, detail } = await work(handle);
      live.run = succeeded(live.run, result, nowMs(), detail);
    } catch (error) {
      live.run = failed(live.run, toErrorData(explain(error) ?? error), nowMs());
    } finally {
      release();
    }
    const { state, error } = live.run;
    this.#recording.say(live.run.runId, error === null ? state : `${state}: ${error.message}`);
    this.#recording.update(live.run);
    this.#live.delete(live.run.runId);
    emit(live.run);
    return live.run;
  }

  #handle(live: Live): RunHandle {
    const { nowMs, emit } = this.#options;
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
        this.#recording.update(run);
      }
    };
    return {
      runId: live.run.runId,
      cancel: live.cancel,
      step: (name, detail) => {
        if (detail !== undefined) this.#recording.say(live.run.runId, textOf(detail));
        this.#recording.say(live.run.runId, `step ${name}`);
        changed(stepped(live.run, name, nowMs(), detail), true);
      },
      plan: (totalBytes, totalFiles) => changed(planned(live.run, totalBytes, totalFiles), true),
      progress: (bytes, files, current) => {
        rate.add(bytes, nowMs());
        changed(progressed(live.run, { bytes, files, current }, rate.bytesPerSecond), false);
      },
      typed: (commandLine) => changed({ ...live.run, commandLine }, true),
      note: (note) => {
        this.#recording.say(live.run.runId, textOf(note));
        changed({ ...live.run, notes: [...live.run.notes, note] }, true);
      },
    };
  }
}
