import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../harness/random.ts';

/** How long a command takes until it writes the first thing, and from there to its end; what it needs. */
export interface Course {
  readonly startMs: number;
  readonly writingMs: number;
  /** By how much the folder is larger meanwhile than it was before. */
  readonly needsBytes: number;
}

/** After the command was begun, or after it was seen to write. */
export interface Moment {
  readonly from: 'start' | 'writing';
  readonly afterMs: number;
}

/** Node and the command's modules have to be loaded before anything can be hit. */
const LOADED_SHARE = 0.5;
const BEFORE_WRITING = 0.1;
/** Some are to come after the end. */
const BEYOND_END = 1.05;
const LOOK_MS = 1;
const NEAR_END_BYTES = 96 << 10;
const BLOCK_BYTES = 4096;

/** Most moments fall into the writing, which is short beside the start of Node. */
export function chooseMoment({ startMs, writingMs }: Course, random: Random): Moment {
  const share = random.between(0, 1000) / 1000;
  return random.chance(BEFORE_WRITING)
    ? { from: 'start', afterMs: startMs * (LOADED_SHARE + share * (1 - LOADED_SHARE)) }
    : { from: 'writing', afterMs: writingMs * share * BEYOND_END };
}

/** Room that is not enough, or just enough: half of it where the last small files are written. */
export function chooseRoom({ needsBytes }: Course, random: Random): number {
  const isNearEnd = random.chance(0.5);
  const room = isNearEnd
    ? needsBytes + random.between(-NEAR_END_BYTES, NEAR_END_BYTES / 2)
    : (needsBytes * random.between(0, 1000)) / 1000;
  return Math.max(0, Math.floor(room));
}

/** The most bytes that came to the folder until the command has ended. */
export async function mostGrown(folder: string, ended: Promise<unknown>): Promise<number> {
  const before = bytesIn(folder);
  let most = 0;
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (!isOver) {
    most = Math.max(most, bytesIn(folder) - before);
    await sleep(LOOK_MS);
  }
  return most;
}

/** Resolves when the moment is there, or the command has ended. */
export async function reached(
  { from, afterMs }: Moment,
  folder: string,
  ended: Promise<unknown>,
): Promise<void> {
  if (from === 'writing') await writingSeen(folder, ended);
  await Promise.race([ended, sleep(afterMs)]);
}

/** Resolves when something in the folder is other than now, or the command has ended. */
export async function writingSeen(folder: string, ended: Promise<unknown>): Promise<void> {
  const before = stateOf(folder);
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (!isOver && stateOf(folder) === before) await sleep(LOOK_MS);
}

function stateOf(folder: string): string {
  const names = namesIn(folder).filter((name) => !name.endsWith('.dendro-lock'));
  return names.map((name) => `${name} ${changedAt(join(folder, name))}`).join('\n');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true }).map(String);
  } catch {
    // It is made by the command.
    return [];
  }
}

function bytesIn(folder: string): number {
  const sizes = namesIn(folder).map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES, 0);
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
