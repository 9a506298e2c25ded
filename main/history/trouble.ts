import { conflict, corrupt, DendroError, denied, ioError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';

/**
 * The typed error of what SQLite says went wrong with the history, of itself or as the cause of
 * what drizzle throws; undefined when it is nothing of SQLite's.
 */
export function historyTrouble(error: unknown, path: string): DendroError | undefined {
  if (error instanceof DendroError) return undefined;
  const code = sqliteCode(error) ?? '';
  const details = { place: { path }, cause: error };
  if (code === '') return undefined;
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') return notAllowed(details);
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return corrupt('history-damaged', 'The history file is damaged.', {
      ...details,
      hint: 'Move it away: backups are not affected, and restore points are found again.',
    });
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return conflict('history-locked', 'Another program holds the history locked.', {
      ...details,
      hint: 'Close what has it open (a second Dendro, a database tool), and try again.',
    });
  }
  if (code === 'SQLITE_FULL') {
    return ioError('history-full', 'The disk that holds the history is full.', {
      ...details,
      hint: 'Free some space there; backups that are made meanwhile are whole all the same.',
    });
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'SQLITE_CANTOPEN') {
    return unusable(error, details);
  }
  return undefined;
}

/** The same of opening it, where its folder may be in the way as well: always an error of ours. */
export function openingTrouble(error: unknown, path: string): DendroError {
  const known = error instanceof DendroError ? error : historyTrouble(error, path);
  if (known !== undefined) return known;
  const { code } = error as NodeJS.ErrnoException;
  const details = { place: { path }, cause: error };
  return code === 'EACCES' || code === 'EROFS' ? notAllowed(details) : unusable(error, details);
}

interface Details {
  readonly place: { readonly path: string };
  readonly cause: unknown;
}

function notAllowed(details: Details): DendroError {
  return denied('history-denied', 'The history cannot be written.', {
    ...details,
    hint: 'Run as the user who owns it, or name another folder in DENDRO_STATE.',
  });
}

function unusable(error: unknown, details: Details): DendroError {
  return ioError(
    'history-io',
    say`The history cannot be used: ${{ reason: (error as Error).message }}`,
    {
      ...details,
      hint: 'See whether its folder can be written and its disk has room, or name another folder in DENDRO_STATE.',
    },
  );
}

function sqliteCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && code.startsWith('SQLITE_')) return code;
  }
  return undefined;
}
