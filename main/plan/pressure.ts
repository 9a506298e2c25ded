import type { Retention } from '../../shared/model/retention.ts';
import type { PointVerdict } from './retention.ts';

/** Rules that give way when a place is nearly full; nothing else does. */
const YIELDING = new Set(['hourly', 'daily', 'weekly', 'monthly', 'yearly', 'other-plan']);

/** How many bytes are missing for the part that is to stay free; 0: enough is free. */
export function missingBytes(
  { minFreePercent }: Pick<Retention, 'minFreePercent'>,
  freeBytes: number | null,
  totalBytes: number | null,
): number {
  if (minFreePercent === 0 || freeBytes === null || totalBytes === null) return 0;
  return Math.max(0, Math.ceil((totalBytes * minFreePercent) / 100) - freeBytes);
}

/**
 * What may go to make room, the oldest first: points that only the rules of periods keep. The
 * newest ones, those that are too young, tagged, or needed for the next backup stay.
 */
export function yielding<V extends PointVerdict<unknown>>(verdicts: readonly V[]): V[] {
  return verdicts
    .filter(({ keep, reasons }) => keep && reasons.every((reason) => YIELDING.has(reason)))
    .sort((a, b) => a.takenAtMs - b.takenAtMs);
}

/** As many from the beginning as are needed to free so much. */
export function firstThatFree<V>(
  ordered: readonly V[],
  bytesOf: (one: V) => number,
  neededBytes: number,
): V[] {
  const going: V[] = [];
  for (let freed = 0; freed < neededBytes && going.length < ordered.length;) {
    const next = ordered[going.length]!;
    going.push(next);
    freed += bytesOf(next);
  }
  return going;
}

export interface ChainedFile {
  readonly fileBytes: number;
  readonly kind: 'full' | 'increment';
}

/** Beyond so many that nobody wants, tidiness is worth the work. */
const MOST_STALE = 50;

/**
 * Whether points of stream files that others build on are worth to be taken out, which writes a
 * full stream anew: when the increments among them come to a quarter of such a stream.
 */
export function isWorthComposing(
  going: readonly ChainedFile[],
  all: readonly ChainedFile[],
): boolean {
  const sum = (files: readonly ChainedFile[]): number =>
    files.reduce((bytes, { fileBytes }) => bytes + fileBytes, 0);
  const fullBytes = Math.max(
    0,
    ...all.filter(({ kind }) => kind === 'full').map(({ fileBytes }) => fileBytes),
  );
  const gainBytes = sum(going) - fullBytes;
  return going.length > MOST_STALE || gainBytes >= fullBytes / 4;
}

interface Identity {
  readonly uuid: string;
  readonly ctransid: number;
}

/** A point of stream files, and what it builds on; null: nothing. */
export interface ChainedPoint extends Identity {
  readonly parent: Identity | null;
}

/**
 * Whether any of those that go can go as it is: no point that stays builds on it, through any
 * link. Points are told apart by their identity: several may have one name.
 */
export function hasLoose(going: readonly ChainedPoint[], all: readonly ChainedPoint[]): boolean {
  const byKey = new Map(all.map((point) => [keyOf(point), point]));
  const leaving = new Set(going.map(keyOf));
  const needed = new Set<string>();
  for (const point of all.filter((one) => !leaving.has(keyOf(one)))) {
    for (let { parent } = point; parent !== null && !needed.has(keyOf(parent));) {
      needed.add(keyOf(parent));
      parent = byKey.get(keyOf(parent))?.parent ?? null;
    }
  }
  return going.some((point) => !needed.has(keyOf(point)));
}

function keyOf({ uuid, ctransid }: Identity): string {
  return `${uuid} ${ctransid}`;
}
