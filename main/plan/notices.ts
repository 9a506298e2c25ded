import type { ErrorData } from '../../shared/errors.ts';
import type { NoticeEvent, Told } from '../../shared/model/notice.ts';
import type { Noted } from '../../shared/said.ts';

/** One thing that can go well or not: a part of a plan, a source as a whole, a drive. */
export interface Watched {
  /** Stable between looks: 'plan 7 btrfs:UUID/'. */
  readonly subject: string;
  readonly kind: 'plan' | 'source' | 'drive';
  /** What to call it: 'Home to Blue Drive'. */
  readonly name: Noted;
  /** Since when it fails without a success in between; null when it does not. */
  readonly failingSinceMs: number | null;
  /** Why; null when it does not fail. */
  readonly reason: ErrorData | null;
  /** It will be tried again by itself soon: worth a word only when it goes on. */
  readonly mayPass: boolean;
  /** When it last went well (a drive: was last here); null when it never has. */
  readonly goodAtMs: number | null;
  /** Since when it should have gone well: when the plan was made. */
  readonly expectedSinceMs: number;
  /** Silence is worth a word after this long; null when nobody waits for it. */
  readonly silenceMs: number | null;
}

/** What to tell now. */
export interface Telling {
  readonly watched: Watched;
  readonly event: NoticeEvent;
  readonly times: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What may pass by itself (a drive pulled out, a network away) gets this long to do so. */
const PATIENCE_MS = 2 * HOUR_MS;
/** A thing that stays bad is told again after 1, 3, 7 days, then each 14 days: never nagging. */
const AGAIN_MS = [DAY_MS, 3 * DAY_MS, 7 * DAY_MS, 14 * DAY_MS] as const;

/**
 * What is worth telling, and nothing else: a failure once, and again only after ever longer
 * times; silence likewise; a recovery once, and only of what was told. Everything else is quiet.
 */
export function tellings(
  all: readonly Watched[],
  told: readonly Told[],
  nowMs: number,
): { readonly tell: readonly Telling[]; readonly told: readonly Told[] } {
  const last = new Map(told.map((one) => [one.subject, one]));
  const tell: Telling[] = [];
  const next: Told[] = [];
  for (const watched of all) {
    const before = notAhead(last.get(watched.subject), nowMs);
    const telling = tellingOf(watched, before, nowMs);
    if (telling) tell.push(telling);
    const now = remembered(watched, before, telling, nowMs);
    if (now) next.push(now);
  }
  return { tell, told: next };
}

/** What was told by a clock that was ahead would keep its subject quiet until its time has come. */
function notAhead(told: Told | undefined, nowMs: number): Told | undefined {
  return told && told.atMs > nowMs ? { ...told, atMs: nowMs } : told;
}

function tellingOf(watched: Watched, before: Told | undefined, nowMs: number): Telling | undefined {
  const event = badEvent(watched, nowMs);
  if (!event) {
    const recovered = before !== undefined && isGoodSince(watched, before);
    return recovered ? { watched, event: 'recovery', times: 1 } : undefined;
  }
  // Failure after silence, or silence after failure, is the same trouble in other words.
  if (before && nowMs - before.atMs < waitOf(before.times)) return undefined;
  return { watched, event, times: (before?.times ?? 0) + 1 };
}

function badEvent(watched: Watched, nowMs: number): NoticeEvent | undefined {
  const { failingSinceMs, mayPass, kind } = watched;
  const failsFor = failingSinceMs === null ? 0 : nowMs - failingSinceMs;
  if (failingSinceMs !== null && (!mayPass || failsFor >= PATIENCE_MS)) return 'failure';
  if (!isSilent(watched, nowMs)) return undefined;
  return kind === 'drive' ? 'drive-missing' : 'silence';
}

function isSilent({ silenceMs, goodAtMs, expectedSinceMs }: Watched, nowMs: number): boolean {
  if (silenceMs === null) return false;
  // A plan that is newer than the last success of its source has its own time to begin. What a
  // clock dated that was ahead would keep this quiet until its time has come.
  const since = [goodAtMs, expectedSinceMs].filter((at) => at !== null && at <= nowMs) as number[];
  return since.length > 0 && nowMs - Math.max(...since) > silenceMs;
}

/** It went well after it was told; a plan that was switched off meanwhile has not recovered. */
function isGoodSince({ goodAtMs, failingSinceMs }: Watched, before: Told): boolean {
  return failingSinceMs === null && goodAtMs !== null && goodAtMs > before.atMs;
}

function remembered(
  watched: Watched,
  before: Told | undefined,
  telling: Telling | undefined,
  nowMs: number,
): Told | undefined {
  if (telling?.event === 'recovery') return undefined;
  if (!telling) return before;
  return { subject: watched.subject, event: telling.event, atMs: nowMs, times: telling.times };
}

function waitOf(times: number): number {
  return AGAIN_MS[Math.min(times, AGAIN_MS.length) - 1]!;
}
