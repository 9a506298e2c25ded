import type { DirectoryEntry } from '../../shared/model/entry.ts';
import type { Found } from '../engine/tree/index.ts';
import { listBelow } from '../engine/verbs/list-below.ts';
import { JsonList } from './archive/json-list.ts';
import { EXIT } from './exit-codes.ts';
import { OutputBatches } from './output-batches.ts';
import { sayMissing, sayUnreadable } from './unread.ts';
import { stderr } from '../linux/stderr.ts';

/**
 * Prints everything below a folder while it is found, and on stderr what cannot be read of it.
 * @param row a line of text, or 'json'
 * @returns the exit code
 */
export function printBelow(
  { subvolume, inode }: Found,
  row: ((entry: DirectoryEntry) => string) | 'json',
): number {
  const lines = new OutputBatches();
  const list = new JsonList();
  let isWhole = true;
  let hint = '';
  const found = listBelow(subvolume, inode, (path, problem) => {
    isWhole = false;
    hint = problem.hint;
    sayMissing(problem, path);
  });
  try {
    for (const { path, entry } of found) {
      if (row === 'json') list.add({ path, entry });
      else lines.add(`${row({ ...entry, name: path })}\n`);
      if (entry.problem === undefined) continue;
      isWhole = false;
      hint = entry.problem.hint;
      sayUnreadable(path, entry.problem);
    }
    if (row === 'json') list.end();
  } finally {
    lines.end();
  }
  if (hint !== '') stderr.write(`${hint}\n`);
  return isWhole ? EXIT.ok : EXIT.corrupt;
}
