import { textOf, type Noted } from '../../shared/said.ts';
import { inhibitSleep } from '../linux/sleep-inhibitor.ts';

/** Keeps the computer awake while any run is in flight. */
export class StayAwake {
  readonly #inhibit: (why: string) => () => void;
  readonly #runs = new Set<string>();
  #release: (() => void) | undefined;

  constructor(inhibit: (why: string) => () => void = inhibitSleep) {
    this.#inhibit = inhibit;
  }

  /** Told of each change of a run. */
  changed(run: { readonly runId: string; readonly state: string; readonly title: Noted }): void {
    if (run.state === 'running') this.#runs.add(run.runId);
    else this.#runs.delete(run.runId);
    if (this.#runs.size > 0) this.#release ??= this.#inhibit(textOf(run.title));
    else this.release();
  }

  release(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
