import { dirname, join } from 'node:path';
import { conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { takeLock, type OwnerLock } from '../linux/owner-lock.ts';
import { makeFolders } from '../linux/make-folders.ts';

/** One process carries out the plans of a history, else each would run twice. */
export interface SoleService {
  /** @throws Conflict 'service-running', which names the other one */
  take(): void;
  release(): void;
}

export function soleService(historyPath: string, nowMs: () => number): SoleService {
  let held: OwnerLock | undefined;
  return {
    take: () => (held ??= taken(historyPath, nowMs())),
    release: () => held?.release(),
  };
}

function taken(historyPath: string, nowMs: number): OwnerLock {
  if (historyPath === ':memory:') return { release: () => undefined };
  const folder = dirname(historyPath);
  makeFolders(folder, 0o700);
  const path = join(folder, 'service.lock');
  const since = new Date(nowMs).toISOString();
  const lock = takeLock(path, `process ${process.pid} since ${since}`);
  if ('release' in lock) return lock;
  throw conflict(
    'service-running',
    say`Another Dendro carries the plans out: ${{ heldBy: lock.heldBy }}.`,
    {
      hint: 'Use that one, or end it first: systemctl stop dendro, or close the app.',
      place: { path },
    },
  );
}
