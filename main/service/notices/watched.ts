import { LOCAL_PART, type PlanPart } from '../../../shared/model/plan.ts';
import { driveOf, hostOf, targetKey, type PlanTarget } from '../../../shared/model/plan-target.ts';
import type { NoticeState } from '../../history/notices.ts';
import type { PlanRow } from '../../history/plans.ts';
import { mayPass } from '../../plan/may-pass.ts';
import type { Watched } from '../../plan/notices.ts';
import { toPlace } from '../../runs/titles.ts';

export interface WatchFacts {
  readonly plans: readonly PlanRow[];
  readonly states: readonly NoticeState[];
  readonly silenceMs: number;
  /** What to call a volume or filesystem, and when it was last here; by its id. */
  readonly drive: (
    id: string,
  ) => { readonly name: string; readonly lastSeenAtMs: number } | undefined;
  readonly nowMs: number;
}

const DAY_MS = 86_400_000;

/**
 * What is watched: each part of a plan for failures, each plan as a whole for silence (one drive
 * of a rotation may be away as long as another one is served), each drive for being away.
 */
export function watchedOf(facts: WatchFacts): Watched[] {
  const drives = new Map<string, Watched>();
  const plans = facts.plans.flatMap((plan) => {
    for (const target of plan.draft.targets) {
      const watched = watchedDrive(plan, target, facts);
      if (watched) drives.set(watched.subject, watched);
    }
    return [...plan.parts.map((part) => partOf(plan, part, facts)), wholeOf(plan, facts)];
  });
  return [...plans, ...drives.values()];
}

function partOf(
  { planId, draft, createdAtMs }: PlanRow,
  part: PlanPart,
  facts: WatchFacts,
): Watched {
  const subject = `plan ${planId} ${part.key}`;
  const before = facts.states.find((state) => state.subject === subject);
  const isFailing = draft.enabled && part.failures > 0 && part.error !== null;
  const since = before?.failingSinceMs ?? part.lastRunAtMs ?? facts.nowMs;
  const target = draft.targets.find((one) => targetKey(one) === part.key);
  return {
    subject,
    kind: 'plan',
    name: target ? toPlace(draft.name, placeOf(target, facts)) : draft.name,
    // Not after now, whatever a clock said then: patience would never end.
    failingSinceMs: isFailing ? Math.min(since, facts.nowMs) : null,
    reason: part.error,
    mayPass: part.error !== null && mayPass(part.error),
    goodAtMs: part.lastGoodAtMs,
    expectedSinceMs: createdAtMs,
    silenceMs: null,
  };
}

function wholeOf(
  { planId, draft, createdAtMs, parts }: PlanRow,
  { silenceMs }: WatchFacts,
): Watched {
  const served = parts.filter(({ key }) => draft.targets.length === 0 || key !== LOCAL_PART);
  const good = served.flatMap(({ lastGoodAtMs }) => lastGoodAtMs ?? []);
  const isExpected = draft.enabled && draft.when.length > 0;
  return {
    subject: `plan ${planId}`,
    kind: 'source',
    name: draft.name,
    failingSinceMs: null,
    reason: null,
    mayPass: false,
    goodAtMs: good.length === 0 ? null : Math.max(...good),
    expectedSinceMs: createdAtMs,
    silenceMs: isExpected ? silenceMs : null,
  };
}

function watchedDrive({ draft, createdAtMs }: PlanRow, target: PlanTarget, facts: WatchFacts) {
  if (!draft.enabled || draft.awayDays === 0) return undefined;
  const id = driveOf(target);
  if (id === null) return undefined;
  const drive = facts.drive(id);
  const watched: Watched = {
    subject: `drive ${id}`,
    kind: 'drive',
    name: drive?.name ?? id,
    failingSinceMs: null,
    reason: null,
    mayPass: false,
    goodAtMs: drive?.lastSeenAtMs ?? null,
    expectedSinceMs: createdAtMs,
    silenceMs: draft.awayDays * DAY_MS,
  };
  return watched;
}

function placeOf(target: PlanTarget, { drive }: WatchFacts): string {
  if (target.kind === 'ssh') return hostOf(target);
  const id = driveOf(target)!;
  return drive(id)?.name ?? id;
}
