import { rmSync } from 'node:fs';
import { conflict, DendroError } from '../../../shared/errors.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { fingerprint } from '../restore/fingerprint.ts';

export interface UndoInput {
  readonly items: readonly { readonly path: string; readonly fingerprint: string }[];
}

/**
 * Removes what a restore made: all of it or, when anybody changed any of it since, nothing.
 *
 * @throws Conflict 'changed-since'
 */
export function undoRestore({ items }: UndoInput): void {
  const paths = items.map((item) => Buffer.from(bytesFromText(item.path)));
  items.forEach((item, i) => {
    if (tryFingerprint(paths[i]!) !== item.fingerprint) throw changed(item.path);
  });
  for (const path of paths) rmSync(path, { recursive: true });
}

function tryFingerprint(path: Buffer): string | undefined {
  try {
    return fingerprint(path);
  } catch (error) {
    if (error instanceof DendroError) throw error;
    return undefined; // gone, or not to be looked into: not as it was
  }
}

function changed(path: string): Error {
  return conflict('changed-since', `"${printable(path)}" was changed since it was restored.`, {
    hint: 'Remove it by hand if it is not needed; Dendro leaves it alone.',
    place: { path: printable(path) },
  });
}
