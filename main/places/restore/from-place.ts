import { DendroError } from '../../../shared/errors.ts';
import { SystemError, typedFs } from '../../linux/libc-error.ts';
import type { PlacedNode, Stretch } from '../node.ts';

/**
 * What a place says, while a restore reads it. A system call that fails there (EIO of a drive,
 * EACCES of a share) is damage to be gone around; only one that the target refuses ends the
 * restore. @throws Io 'source-unreadable' for the first; whatever else `read` throws
 */
export function fromPlace<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const typed = typedFs(error);
    if (!(typed instanceof SystemError)) throw typed;
    const { message, hint, place, values } = typed;
    const details = { hint, place, values, cause: error };
    throw new DendroError('Io', 'source-unreadable', message, details);
  }
}

/** A file's data, as `fromPlace`. */
export function* dataFromPlace(node: PlacedNode): Generator<Stretch> {
  const stretches = node.read()[Symbol.iterator]();
  try {
    for (;;) {
      const next = fromPlace(() => stretches.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    stretches.return?.();
  }
}
