import { printable } from '../../shared/model/bytes-text.ts';
import type { Listing } from '../engine/verbs/list-directory.ts';
import { EXIT } from './exit-codes.ts';

/** Says on stderr what could not be read of a folder that is listed. @returns the exit code */
export function sayUnread({ entries, problem }: Pick<Listing, 'entries' | 'problem'>): number {
  const unread = entries.filter((entry) => entry.problem !== undefined);
  for (const { name, problem } of unread) {
    process.stderr.write(`not readable: ${printable(name)}: ${problem!.message}\n`);
  }
  if (problem !== null) process.stderr.write(`names may be missing: ${problem.message}\n`);
  const hint = problem?.hint ?? unread[0]?.problem?.hint ?? '';
  if (hint !== '') process.stderr.write(`${hint}\n`);
  return problem === null && unread.length === 0 ? EXIT.ok : EXIT.corrupt;
}
