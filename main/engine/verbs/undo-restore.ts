import { createHash } from 'node:crypto';
import { lstatSync, renameSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { AT_FDCWD, cString, RENAME_EXCHANGE } from '../../linux/files.ts';
import { libc } from '../../linux/libc.ts';
import { fingerprint } from '../restore/fingerprint.ts';
import { removeTree } from '../restore/remove-tree.ts';
import { removeIfEmpty } from '../restore/staging.ts';
import type { RestoredThing } from './restore.ts';

export interface UndoInput {
  readonly items: readonly RestoredThing[];
  /** Removed when nothing is left in them; the topmost first. */
  readonly madeFolders: readonly string[];
}

/**
 * Puts back what stood there before a restore and removes what the restore made: all of it or,
 * when anybody changed any of it since, nothing. Done again after a kill it goes on.
 *
 * @throws Conflict 'changed-since', 'kept-gone'
 */
export function undoRestore({ items, madeFolders }: UndoInput): void {
  const steps = items.map((item) => ({ item, trash: trashOf(item.path) }));
  for (const { item, trash } of steps) {
    // An undo that was killed has come this far; or what was restored is gone anyway.
    if (isThere(trash) || isExchanged(item) || !isThere(bytesFromText(item.path))) continue;
    if (tryFingerprint(bytesFromText(item.path)) !== item.fingerprint) throw changed(item.path);
    if (item.kept !== null && !isThere(bytesFromText(item.kept))) throw keptGone(item.kept);
  }
  for (const { item, trash } of steps) {
    if (!isThere(trash) && isThere(bytesFromText(item.path))) takeAway(item, trash);
    if (
      item.kept !== null &&
      isThere(bytesFromText(item.kept)) &&
      !isThere(bytesFromText(item.path))
    )
      renameSync(Buffer.from(bytesFromText(item.kept)), Buffer.from(bytesFromText(item.path)));
    removeTree(trash);
  }
  for (const folder of [...madeFolders].reverse()) removeIfEmpty(bytesFromText(folder));
}

/** The restored thing goes to `trash`, and what was kept to where it was. */
function takeAway(item: RestoredThing, trash: Uint8Array): void {
  const here = bytesFromText(item.path);
  const restored = item.kept !== null && exchanged(item) ? bytesFromText(item.kept) : here;
  renameSync(Buffer.from(restored), Buffer.from(trash));
}

/** The two names at one stroke, where the filesystem can do that. */
function exchanged(item: RestoredThing): boolean {
  if (isExchanged(item)) return true;
  const [here, there] = [cString(bytesFromText(item.path)), cString(bytesFromText(item.kept!))];
  return libc().renameat2(AT_FDCWD, here, AT_FDCWD, there, RENAME_EXCHANGE) === 0;
}

/** Whether the restored thing has the name of what was kept. */
function isExchanged({ kept, fingerprint: wanted }: RestoredThing): boolean {
  return kept !== null && tryFingerprint(bytesFromText(kept)) === wanted;
}

/** A hidden name beside it, the same each time. */
function trashOf(path: string): Uint8Array {
  const key = createHash('sha256').update(path).digest('hex').slice(0, 16);
  return bytesFromText(`${path.slice(0, path.lastIndexOf('/') + 1)}.dendro-undo-${key}`);
}

function isThere(path: Uint8Array): boolean {
  return lstatSync(Buffer.from(path), { throwIfNoEntry: false }) !== undefined;
}

function tryFingerprint(path: Uint8Array): string | undefined {
  try {
    return fingerprint(path);
  } catch {
    return undefined; // gone, or not to be looked into: not as it was
  }
}

function changed(path: string): Error {
  return conflict(
    'changed-since',
    say`"${{ path: printable(path) }}" was changed since it was restored.`,
    {
      hint: 'Remove it by hand if it is not needed; Dendro leaves it alone.',
      place: { path: printable(path) },
    },
  );
}

function keptGone(path: string): Error {
  return conflict(
    'kept-gone',
    say`"${{ path: printable(path) }}", which stood there before, is gone.`,
    {
      hint: 'Remove what was restored by hand if it is not needed; Dendro leaves it alone.',
      place: { path: printable(path) },
    },
  );
}
