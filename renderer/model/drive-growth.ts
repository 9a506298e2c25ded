import type { RestorePoint } from '../../shared/model/subvolume.ts';
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

/** What backups brought to a place over time, and how long its room will last. */
export function growthOf(
  points: readonly RestorePoint[],
  volumeId: string,
  freeBytes: number | null,
  nowMs: number,
): Growth {
  const there = points
    .filter(({ backup, copies }) => backup && copies.some((copy) => copy.volumeId === volumeId))
    .map(({ takenAtMs, backup }) => ({ takenAtMs, bytes: backup!.bytes }))
    .sort((a, b) => a.takenAtMs - b.takenAtMs);
  let sum = 0;
  const brought = there.map(({ takenAtMs, bytes }) => ({ x: takenAtMs, y: (sum += bytes) }));
  const bytesADay = paceOf(there, nowMs);
  const lastsMs =
    bytesADay !== null && bytesADay > 0 && freeBytes !== null
      ? (freeBytes / bytesADay) * DAY_MS
      : null;
  return { brought, bytesADay, lastsMs };
}

function paceOf(
  there: readonly { readonly takenAtMs: number; readonly bytes: number }[],
  nowMs: number,
): number | null {
  // The first one is all there was, not what a day brings.
  const later = there.slice(1).filter(({ takenAtMs }) => takenAtMs > nowMs - PACE_MS);
  const first = later[0];
  if (!first || nowMs - first.takenAtMs < 7 * DAY_MS) return null;
  const bytes = later.reduce((sum, one) => sum + one.bytes, 0);
  return bytes / ((nowMs - first.takenAtMs) / DAY_MS);
}
