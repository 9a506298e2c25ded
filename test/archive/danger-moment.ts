import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../harness/random.ts';

/** How long a command takes until it writes the first thing, and from there to its end. */
export interface Course {
  readonly startMs: number;
  readonly writingMs: number;
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

/** Most moments fall into the writing, which is short beside the start of Node. */
export function chooseMoment({ startMs, writingMs }: Course, random: Random): Moment {
  const share = random.between(0, 1000) / 1000;
  return random.chance(BEFORE_WRITING)
    ? { from: 'start', afterMs: startMs * (LOADED_SHARE + share * (1 - LOADED_SHARE)) }
    : { from: 'writing', afterMs: writingMs * share * BEYOND_END };
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

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
