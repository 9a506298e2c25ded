import { existsSync, renameSync } from 'node:fs';
import { DendroError } from '../../shared/errors.ts';
import { openHistory, type History } from './history.ts';
import { stderr } from '../linux/stderr.ts';

/**
 * Opens the history; one that is damaged is moved aside, never deleted, and a new one begun.
 * Restore points, volumes and drives come back into it as they are looked at, and plans of a
 * plan file with it: nothing in it is needed for a restore.
 *
 * @throws Denied, Io, Conflict as `openHistory` does
 */
export function openOrRebuild(
  path: string,
  nowMs: number,
  tell: (text: string) => void = (text) => void stderr.write(`${text}\n`),
): History {
  try {
    const history = openHistory(path);
    const problem = history.problem();
    if (problem === null) return history;
    history.close();
    return anew(path, nowMs, problem, tell);
  } catch (error) {
    if (!(error instanceof DendroError) || error.code !== 'history-damaged') throw error;
    return anew(path, nowMs, error.message, tell);
  }
}

function anew(path: string, nowMs: number, why: string, tell: (text: string) => void): History {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const aside = `${path}.damaged-${stamp}`;
  // The journal belongs to the file: it may hold what can be saved by hand.
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  tell(`The history was damaged (${why}) and has been moved to ${aside}; a new one is begun.`);
  tell('Backups are not affected. Plans that are not in a plan file have to be made again.');
  return openHistory(path);
}
