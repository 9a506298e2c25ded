import { DendroError } from '../../../shared/errors.ts';
import { inodePath } from '../tree/names.ts';
import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Subvolume } from '../tree/subvolume.ts';

/** An error that names an inode, with the path by which a person knows it. */
export function withPath(error: unknown, snapshot: Subvolume): unknown {
  if (!(error instanceof DendroError)) return error;
  const { kind, code, message, hint, place, values } = error;
  if (place.inode === undefined || place.path !== undefined) return error;
  const path = pathOf(snapshot, place.inode);
  if (path === undefined) return error;
  const found = { ...place, path };
  return new DendroError(kind, code, message, { hint, values, place: found, cause: error });
}

function pathOf(snapshot: Subvolume, inode: number): string | undefined {
  try {
    const path = inodePath(snapshot, inode);
    return path === undefined || path.length === 0 ? undefined : printable(textFromBytes(path));
  } catch {
    return undefined; // what is told is the first error
  }
}
