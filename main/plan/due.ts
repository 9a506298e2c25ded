import type { PlanDraft, PlanPart, Timing } from '../../shared/model/plan.ts';
import { nextOfAny } from './next-run.ts';

/** What is looked at to see whether a plan is due. */
export interface DuePlan {
  readonly draft: PlanDraft;
  readonly createdAtMs: number;
  readonly parts: readonly PlanPart[];
}

export type Event = Extract<Timing['every'], 'plug-in' | 'packages'>;

/**
 * When a part is next due by the clock, which may be long past: however many moments were
 * missed, one run makes up for them all. Null: it waits for an event. What failed, or was cut
 * off, is due when it is to be tried again.
 */
export function dueAtMs({ draft, createdAtMs }: DuePlan, part: PlanPart): number | null {
  const regular = nextOfAny(draft.when, part.lastRunAtMs ?? createdAtMs);
  if (part.retryAtMs === null) return regular;
  return part.failures === 0 ? part.retryAtMs : Math.min(part.retryAtMs, regular ?? Infinity);
}

/** When anything of the plan is next due; null when it is off or waits for an event. */
export function nextDueMs(plan: DuePlan): number | null {
  if (!plan.draft.enabled) return null;
  const moments = plan.parts.flatMap((part) => dueAtMs(plan, part) ?? []);
  return moments.length === 0 ? null : Math.min(...moments);
}

/**
 * A part that ran in the future was run by a clock that was wrong, or is wrong now: it counts
 * as run this moment, so that it waits for one period and not until that future has come.
 */
export function reanchored(part: PlanPart, nowMs: number): PlanPart | undefined {
  const isAhead = (moment: number | null): boolean => moment !== null && moment > nowMs;
  // A retry is never further away than the longest wait.
  const isRetryAhead = part.retryAtMs !== null && part.retryAtMs > nowMs + RETRY_MOST_MS;
  if (!isAhead(part.lastRunAtMs) && !isRetryAhead) return undefined;
  return {
    ...part,
    lastRunAtMs: part.lastRunAtMs === null ? null : Math.min(part.lastRunAtMs, nowMs),
    retryAtMs: isRetryAhead ? nowMs : part.retryAtMs,
  };
}

const RETRY_FIRST_MS = 60_000;
export const RETRY_MOST_MS = 4 * 3_600_000;

/** Each wait is four times as long as the one before: 1, 4, 16, 64 minutes, then 4 hours. */
export function retryDelayMs(failures: number): number {
  return Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 4 ** (failures - 1));
}
