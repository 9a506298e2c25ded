import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { historyPath } from '../service/state-path.ts';
import { makeFolders } from '../linux/make-folders.ts';

/**
 * Which snapshots were sent without some paths, and without which: a file for each snapshot in
 * the state folder, `sent-without/UUID.json`, a list of lists of gitignore patterns.
 */
export function sentWithout(uuid: string): readonly (readonly string[])[] {
  try {
    const lists = JSON.parse(readFileSync(fileOf(uuid), 'utf8')) as unknown;
    return Array.isArray(lists) ? lists.filter(isPatterns) : [];
  } catch (error) {
    if (error instanceof SyntaxError || 'code' in (error as object)) return []; // as if never sent
    throw error;
  }
}

/** Remembers it for the increments to come. @returns false: the state folder cannot be written. */
export function rememberSentWithout(uuid: string, patterns: readonly string[]): boolean {
  const known = sentWithout(uuid);
  if (known.some((one) => isSameList(one, patterns))) return true;
  const file = fileOf(uuid);
  const half = `${file}.${process.pid}`;
  try {
    makeFolders(dirname(file), 0o700);
    writeFileSync(half, JSON.stringify([...known, patterns]), { mode: 0o600 });
    renameSync(half, file);
    return true;
  } catch {
    return false;
  }
}

export function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function fileOf(uuid: string): string {
  const folder = dirname(historyPath(process.env, process.getuid?.() === 0));
  return join(folder, 'sent-without', `${uuid}.json`);
}

function isPatterns(list: unknown): list is string[] {
  return Array.isArray(list) && list.every((line) => typeof line === 'string');
}
