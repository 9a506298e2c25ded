import type { ChartPoint } from '../charts/line-chart-layout.ts';

const DAY_MS = 86_400_000;
/** How far back the pace is taken from. */
const PACE_MS = 60 * DAY_MS;

export interface Growth {
  /** Bytes that backups brought to the place, added up; oldest first. */
  readonly brought: readonly ChartPoint[];
  /** A day, over the last two months; null with less than a week to go by. */
  readonly bytesADay: number | null;
  /** How long the room that is left lasts at that pace; null when that cannot be said. */
  readonly lastsMs: number | null;
}

export interface Brought {
  readonly takenAtMs: number;
  readonly bytes: number;
}

/** What backups brought to a place, the oldest first, and how long its room will last. */
export function growthOf(
  there: readonly Brought[],
  freeBytes: number | null,
  nowMs: number,
): Growth {
  let sum = 0;
  const brought = there.map(({ takenAtMs, bytes }) => ({ x: takenAtMs, y: (sum += bytes) }));
  const bytesADay = paceOf(there, nowMs);
  const lastsMs =
    bytesADay !== null && bytesADay > 0 && freeBytes !== null
      ? (freeBytes / bytesADay) * DAY_MS
      : null;
  return { brought, bytesADay, lastsMs };
}

function paceOf(there: readonly Brought[], nowMs: number): number | null {
  // The first one is all there was, not what a day brings.
  const later = there.slice(1).filter(({ takenAtMs }) => takenAtMs > nowMs - PACE_MS);
  const first = later[0];
  if (!first || nowMs - first.takenAtMs < 7 * DAY_MS) return null;
  const bytes = later.reduce((sum, one) => sum + one.bytes, 0);
  return bytes / ((nowMs - first.takenAtMs) / DAY_MS);
}
