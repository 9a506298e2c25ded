import { printable } from '../../shared/model/bytes-text.ts';
import type { Listing } from '../engine/verbs/list-directory.ts';
import { EXIT } from './exit-codes.ts';
import { stderr } from '../linux/stderr.ts';

/** Says on stderr what could not be read of a folder that is listed. @returns the exit code */
export function sayUnread({ entries, problem }: Pick<Listing, 'entries' | 'problem'>): number {
  const unread = entries.filter((entry) => entry.problem !== undefined);
  for (const { name, problem } of unread) {
    sayUnreadable(name, problem!);
  }
  if (problem !== null) sayMissing(problem);
  const hint = problem?.hint ?? unread[0]?.problem?.hint ?? '';
  if (hint !== '') stderr.write(`${hint}\n`);
  return problem === null && unread.length === 0 ? EXIT.ok : EXIT.corrupt;
}

/** An entry of which only the name is known. */
export function sayUnreadable(name: string, { message }: Told): void {
  stderr.write(`not readable: ${printable(name)}: ${message}\n`);
}

/** @param folder '' for the one that was asked for */
export function sayMissing({ message }: Told, folder = ''): void {
  const where = folder === '' ? '' : ` in ${printable(folder)}`;
  stderr.write(`names may be missing${where}: ${message}\n`);
}

interface Told {
  readonly message: string;
}
