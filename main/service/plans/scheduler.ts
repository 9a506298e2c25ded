import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { LOCAL_PART, type Plan, type PlanPart } from '../../../shared/model/plan.ts';
import { targetKey } from '../../../shared/model/plan-target.ts';
import type { SubvolumeRef } from '../../../shared/model/subvolume.ts';
import type { PlanHistory, PlanRow } from '../../history/plans.ts';
import { decide, sourceKey, type World } from '../../plan/decide.ts';
import { nextDueMs, reanchored } from '../../plan/due.ts';
import type { PlanBegun } from './run-plan.ts';

/** Wall time is looked at this often: sleep and a changed clock need no notice of their own. */
const LOOK_MS = 20_000;

export interface SchedulerOptions {
  readonly plans: PlanHistory;
  readonly nowMs: () => number;
  readonly world: () => Omit<World, 'happened'>;
  readonly begin: (plan: PlanRow, keys: readonly string[]) => PlanBegun;
  /** Until when a person has paused what begins by itself; 0: not. */
  readonly pausedUntilMs: () => number;
  /** 0..1 */
  readonly random: () => number;
  readonly changed: () => void;
  /** Told of the end of all that a plan did. */
  readonly ended: (planId: string) => void;
  /** Carries a look out that nobody waits for: what goes wrong is tried again at the next one. */
  readonly inBackground: (look: () => void) => void;
  /** Told what no run could record. */
  readonly failed: (plan: PlanRow, error: unknown) => void;
}

interface Running {
  readonly ended: Promise<void>;
  /** By `sourceKey`. */
  readonly sources: readonly string[];
}

/** Starts what is due, also what was missed while the computer slept or was off. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #running = new Map<string, Running>();
  /** 'PLAN KEY': made due by an event. */
  readonly #happened = new Set<string>();
  #putOff: ReadonlyMap<string, number> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  start(): void {
    const look = (): void => this.#options.inBackground(() => this.look());
    this.#timer = setInterval(look, LOOK_MS);
    this.#timer.unref();
    look();
  }

  /** From now on nothing begins, whatever comes. */
  stop(): void {
    clearInterval(this.#timer);
    this.#isStopped = true;
  }

  /** One look: begins each part of an enabled plan that is due, can run, and is not under way. */
  look(): void {
    if (this.#isStopped) return;
    const { plans, nowMs, world, random, changed, pausedUntilMs } = this.#options;
    const now = nowMs();
    if (isPaused(pausedUntilMs(), now)) return;
    const before = plans.list();
    const rows = before.map((row) => this.#reanchored(row, now));
    // When each is next due has changed without a run.
    if (rows.some((row, i) => row !== before[i])) changed();
    const { begin, putOff, waits } = decide(
      rows,
      now,
      { ...world(), happened: (planId, key) => this.#happened.has(`${planId} ${key}`) },
      {
        plans: new Set(this.#running.keys()),
        sources: new Set([...this.#running.values()].flatMap(({ sources }) => sources)),
        putOff: this.#putOff,
      },
      random,
    );
    this.#putOff = putOff;
    for (const { planId, key, waitsFor } of waits) {
      const part = rows.find((row) => row.planId === planId)!.parts.find((one) => one.key === key)!;
      plans.setPart(planId, { ...part, waitsFor });
    }
    if (waits.length > 0) changed();
    for (const { planId, keys } of begin) {
      this.#begin(
        rows.find((row) => row.planId === planId)!,
        keys,
      );
    }
  }

  /** An event makes parts due, whatever the clock says; they run when they can. */
  happened(planId: string, keys: readonly string[]): void {
    for (const key of keys) this.#happened.add(`${planId} ${key}`);
    this.look();
  }

  /**
   * All parts that can run now, whatever the clock and the conditions say: a person asks for it.
   * Returns the first run.
   *
   * @throws Conflict 'plan-under-way'
   */
  begin(plan: PlanRow): string {
    const other = this.#inTheWay(plan);
    if (other !== undefined) throw underWay(plan, other === plan.planId);
    const { targetIsHere } = this.#options.world();
    const { targets, options } = plan.draft;
    const here = targets.filter((target) => targetIsHere(target, options)).map(targetKey);
    return this.#begin(plan, [LOCAL_PART, ...here]);
  }

  /** The named parts, unless the plan or one of its sources is under way already. */
  beginIfFree(plan: PlanRow, keys: readonly string[]): string | undefined {
    return this.#inTheWay(plan) ? undefined : this.#begin(plan, keys);
  }

  /** Resolves when nothing that was started is under way. */
  async idle(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** The plan that is under way with this one or one of its sources. */
  #inTheWay({ planId, draft }: PlanRow): string | undefined {
    const mine = draft.sources.map(sourceKey);
    const other = [...this.#running].find(
      ([id, { sources }]) => id === planId || sources.some((key) => mine.includes(key)),
    );
    return other?.[0];
  }

  #begin(plan: PlanRow, keys: readonly string[]): string {
    const { planId, draft } = plan;
    const { run, ended } = this.#options.begin(plan, keys);
    for (const key of keys) this.#happened.delete(`${planId} ${key}`);
    const done = ended
      .catch((error: unknown) => this.#options.failed(plan, error))
      .finally(() => {
        this.#running.delete(planId);
        this.#options.ended(planId);
      });
    this.#running.set(planId, { ended: done, sources: draft.sources.map(sourceKey) });
    return run.runId;
  }

  describe(row: PlanRow): Plan {
    const { planId, draft, origin, createdAtMs, lastRunId, lastRunAtMs, parts } = row;
    const own = { planId, origin, createdAtMs, lastRunId, lastRunAtMs, parts: [...parts] };
    return { ...draft, ...own, nextRunAtMs: nextDueMs(row) };
  }

  /** When the source is next backed up by any plan. */
  nextRunOf({ volumeId, subvolumeId }: SubvolumeRef): number | null {
    const key = sourceKey({ volumeId, subvolumeId });
    const moments = this.#options.plans
      .list()
      .filter(({ draft }) => draft.sources.some((source) => sourceKey(source) === key))
      .flatMap((row) => nextDueMs(row) ?? []);
    return moments.length === 0 ? null : Math.min(...moments);
  }

  #reanchored(row: PlanRow, nowMs: number): PlanRow {
    const parts = row.parts.map((part): PlanPart => {
      const anchored = reanchored(part, nowMs);
      if (anchored) this.#options.plans.setPart(row.planId, anchored);
      return anchored ?? part;
    });
    return parts.every((part, i) => part === row.parts[i]) ? row : { ...row, parts };
  }
}

/** No pause is longer than this: one that is was set by a clock that was wrong. */
const LONGEST_PAUSE_MS = 31 * 86_400_000;

function isPaused(untilMs: number, nowMs: number): boolean {
  return untilMs > nowMs && untilMs - nowMs <= LONGEST_PAUSE_MS;
}

function underWay({ draft }: PlanRow, isItself: boolean): Error {
  const message = isItself
    ? say`"${{ name: draft.name }}" is under way already.`
    : say`Another plan is backing up a source of "${{ blocked: draft.name }}" right now.`;
  return conflict('plan-under-way', message, { hint: 'Wait until it has ended, or cancel it.' });
}
