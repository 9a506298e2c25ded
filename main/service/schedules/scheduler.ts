import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { Schedule } from '../../../shared/model/schedule.ts';
import type { ScheduleHistory, ScheduleRow } from '../../history/schedules.ts';
import { isDue, nextRun } from '../../plan/next-run.ts';

/** Wall time is looked at this often: sleep and a changed clock need no notice of their own. */
const LOOK_MS = 20_000;

/** Starts what is due, also what was missed while the computer slept or was off. */
export class Scheduler {
  readonly #history: ScheduleHistory;
  readonly #nowMs: () => number;
  readonly #start: (schedule: ScheduleRow) => Promise<void>;
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    history: ScheduleHistory,
    nowMs: () => number,
    start: (schedule: ScheduleRow) => Promise<void>,
  ) {
    this.#history = history;
    this.#nowMs = nowMs;
    this.#start = start;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    this.#timer.unref();
    this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One look: starts each enabled schedule that is due and not under way. */
  look(): void {
    const now = this.#nowMs();
    for (const schedule of this.#history.list()) {
      const { draft, createdAtMs, lastRunAtMs } = schedule;
      if (draft.enabled && isDue(draft.timing, lastRunAtMs ?? createdAtMs, now)) {
        void this.run(schedule);
      }
    }
  }

  /** Resolves when it has run; when it is under way already, with that. */
  run(schedule: ScheduleRow): Promise<void> {
    const { scheduleId } = schedule;
    const running =
      this.#running.get(scheduleId) ??
      this.#start(schedule).finally(() => this.#running.delete(scheduleId));
    this.#running.set(scheduleId, running);
    return running;
  }

  /** Resolves when nothing that was started is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  describe({ scheduleId, draft, createdAtMs, lastRunId, lastRunAtMs }: ScheduleRow): Schedule {
    const since = Math.max(lastRunAtMs ?? createdAtMs, createdAtMs);
    const nextRunAtMs = draft.enabled ? nextRun(draft.timing, since) : null;
    return { ...draft, scheduleId, createdAtMs, lastRunId, lastRunAtMs, nextRunAtMs };
  }

  /** When the source is next backed up by any schedule. */
  nextRunOf({ volumeId, subvolumeId }: Pick<Subvolume, 'volumeId' | 'subvolumeId'>): number | null {
    const moments = this.#history
      .list()
      .map((row) => this.describe(row))
      .filter(({ source }) => source.volumeId === volumeId && source.subvolumeId === subvolumeId)
      .flatMap(({ nextRunAtMs }) => (nextRunAtMs === null ? [] : [nextRunAtMs]));
    return moments.length === 0 ? null : Math.min(...moments);
  }
}
