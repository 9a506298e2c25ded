import { LOCAL_PART, type PlanOptions, type PlanPart } from '../../shared/model/plan.ts';
import { targetKey, type PlanTarget } from '../../shared/model/plan-target.ts';
import { dueAtMs, type DuePlan } from './due.ts';
import { unmetCondition, type Surroundings } from './conditions.ts';

export interface Candidate extends DuePlan {
  readonly planId: string;
}

/** What is here now. */
export interface World extends Surroundings {
  /** Every source volume of the plan is mounted. */
  sourceIsHere(volumeId: string): boolean;
  /** Mounted, or to be mounted for the run where the plan allows that. */
  targetIsHere(target: PlanTarget, options: PlanOptions): boolean;
  /** Parts, by plan and key, that an event made due: a drive has come, packages are to change. */
  happened(planId: string, key: string): boolean;
}

/** What is under way or put off already. */
export interface InFlight {
  readonly plans: ReadonlySet<string>;
  /** Sources by `sourceKey`: no two runs of one at once. */
  readonly sources: ReadonlySet<string>;
  /** Plans that wait a little so that not all begin at once, and until when. */
  readonly putOff: ReadonlyMap<string, number>;
}

export interface Decision {
  readonly begin: readonly { readonly planId: string; readonly keys: readonly string[] }[];
  readonly putOff: ReadonlyMap<string, number>;
  /** Why a part that is due does not begin; null when it is not due or begins. */
  readonly waits: readonly {
    readonly planId: string;
    readonly key: string;
    readonly waitsFor: string | null;
  }[];
}

/** Plans that a sleep or a night made due together begin within this time. */
const SPREAD_MS = 120_000;

/**
 * Which plans begin now, and with what. `random` gives 0..1 and is asked once for each plan
 * that is put off.
 */
export function decide(
  plans: readonly Candidate[],
  nowMs: number,
  world: World,
  inFlight: InFlight,
  random: () => number,
): Decision {
  const waits: { planId: string; key: string; waitsFor: string | null }[] = [];
  const ready = plans.flatMap((plan) => {
    const keys = dueKeys(plan, nowMs, world, waits);
    return keys.length === 0 || inFlight.plans.has(plan.planId) ? [] : [{ plan, keys }];
  });
  const putOff = new Map<string, number>();
  const sources = new Set(inFlight.sources);
  const begin: { planId: string; keys: readonly string[] }[] = [];
  for (const { plan, keys } of ready) {
    const until = inFlight.putOff.get(plan.planId) ?? firstWait(begin.length, nowMs, random);
    const own = plan.draft.sources.map(sourceKey);
    if (until > nowMs) putOff.set(plan.planId, until);
    else if (own.some((key) => sources.has(key))) putOff.set(plan.planId, nowMs);
    else {
      own.forEach((key) => sources.add(key));
      begin.push({ planId: plan.planId, keys });
    }
  }
  return { begin, putOff, waits };
}

/** The first of many begins at once, the others after a random while. */
function firstWait(already: number, nowMs: number, random: () => number): number {
  return already === 0 ? nowMs : nowMs + Math.floor(random() * SPREAD_MS);
}

export function sourceKey(source: { volumeId: string; subvolumeId: number }): string {
  return `${source.volumeId}/${source.subvolumeId}`;
}

function dueKeys(
  plan: Candidate,
  nowMs: number,
  world: World,
  waits: { planId: string; key: string; waitsFor: string | null }[],
): string[] {
  const { planId, draft, parts } = plan;
  if (!draft.enabled) return [];
  return parts.flatMap((part) => {
    const isDue = (dueAtMs(plan, part) ?? Infinity) <= nowMs || world.happened(planId, part.key);
    const waitsFor = isDue ? obstacle(plan, part, nowMs, world) : null;
    if (waitsFor !== part.waitsFor) waits.push({ planId, key: part.key, waitsFor });
    return isDue && waitsFor === null ? [part.key] : [];
  });
}

function obstacle(
  { draft }: Candidate,
  { key }: PlanPart,
  nowMs: number,
  world: World,
): string | null {
  if (!draft.sources.some(({ volumeId }) => world.sourceIsHere(volumeId))) return 'source-away';
  const target = draft.targets.find((one) => targetKey(one) === key);
  if (key !== LOCAL_PART && (!target || !world.targetIsHere(target, draft.options)))
    return 'drive-away';
  return unmetCondition(draft.conditions, nowMs, world, target?.kind === 'ssh');
}
