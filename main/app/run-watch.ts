import type { BrowserWindow } from 'electron';
import type { Run } from '../../shared/model/run.ts';
import { showNotice } from './notice.ts';
import type { DesktopText } from './text.ts';

/** Below zero: no bar; above one: a bar without an end (BrowserWindow.setProgressBar). */
const NO_BAR = -1;
const ENDLESS_BAR = 2;

export interface RunWatchOptions {
  readonly window: () => BrowserWindow | undefined;
  readonly text: () => DesktopText;
  /** The runs under way, whenever they change. */
  readonly changed: (running: readonly Run[]) => void;
  /** A notification was clicked. */
  readonly show: (runId: string) => void;
}

/** Shows runs outside the page: on the launcher's icon, and their end when nobody looks. */
export class RunWatch {
  readonly #options: RunWatchOptions;
  readonly #running = new Map<string, Run>();

  constructor(options: RunWatchOptions) {
    this.#options = options;
  }

  take(run: Run): void {
    const wasRunning = this.#running.has(run.runId);
    if (run.state === 'running') this.#running.set(run.runId, run);
    else this.#running.delete(run.runId);
    const running = [...this.#running.values()];
    this.#options.window()?.setProgressBar(barOf(running));
    this.#options.changed(running);
    if (wasRunning && run.state !== 'running') this.#tell(run);
  }

  /** What was under way is not known to be, any more. */
  forget(): void {
    this.#running.clear();
    this.#options.window()?.setProgressBar(NO_BAR);
    this.#options.changed([]);
  }

  /**
   * Nothing for a person who looks at it, or who ended it. What fails in a plan is told by the
   * service, in the ways that the settings name.
   */
  #tell(run: Run): void {
    if (this.#options.window()?.isFocused() || run.state === 'cancelled') return;
    if (run.state !== 'done' && run.planId !== null) return;
    const text = this.#options.text();
    const title = run.state === 'done' ? text.done(run) : text.failed(run);
    const { error } = run;
    const body = error === null ? '' : `${text.what(error)} ${text.todo(error)}`.trim();
    const isUrgent = run.state !== 'done';
    showNotice({ title, body, urgency: isUrgent ? 'critical' : 'low' }, () =>
      this.#options.show(run.runId),
    );
  }
}

function barOf(running: readonly Run[]): number {
  if (running.length === 0) return NO_BAR;
  const percents = running.map(({ progress }) => progress.percent);
  if (percents.includes(null)) return ENDLESS_BAR;
  return percents.reduce<number>((sum, percent) => sum + percent!, 0) / running.length / 100;
}
