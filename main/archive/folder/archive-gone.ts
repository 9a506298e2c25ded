import { dirname } from 'node:path';
import { DendroError, ioError, type ErrorKind } from '../../../shared/errors.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { typedFs } from '../../linux/libc-error.ts';
import { Presence } from '../../linux/presence.ts';

/** They say what failed, and where. */
const TOLD: readonly ErrorKind[] = ['Io', 'Denied', 'Usage', 'Cancelled', 'Bug'];

/**
 * Work that looks whether what an archive holds is right. Once its drive is gone nothing can be
 * said of that: neither what failed nor what was found is told.
 * @param finds whether the result tells of something wrong, which a missing drive may have made.
 * @throws Io 'archive-gone', what `work` throws
 */
export async function whileThere<T>(
  folder: string,
  work: () => Promise<T>,
  finds: (result: T) => boolean,
): Promise<T> {
  const presence = presenceOf(folder);
  const isGone = (): boolean => presence?.isGone() === true;
  try {
    const result = await work();
    if (finds(result) && isGone()) throw archiveGone(folder);
    return result;
  } catch (error) {
    const isTold =
      error instanceof DendroError &&
      (error.code === 'archive-gone' || ['Cancelled', 'Bug'].includes(error.kind));
    throw !isTold && isGone() ? archiveGone(folder, error) : error;
  }
}

/**
 * Work that changes an archive. What is no longer found there, once its drive was unmounted or
 * pulled, is no fault of the archive's, nor of the request.
 * @throws Io 'archive-gone', what `work` throws
 */
export async function whileWritten<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const presence = presenceOf(folder) ?? presenceOf(dirname(folder));
  try {
    return await work();
  } catch (thrown) {
    const error = typedFs(thrown);
    const isOther = error instanceof DendroError && !TOLD.includes(error.kind);
    throw isOther && presence?.isGone() === true ? archiveGone(folder, error) : error;
  }
}

/** Undefined where there is no such folder: what opens it says so better. */
function presenceOf(folder: string): Presence | undefined {
  try {
    return new Presence(bytesFromText(folder));
  } catch (error) {
    if (error instanceof DendroError) return undefined;
    throw error;
  }
}

export function archiveGone(folder: string, cause?: unknown): DendroError {
  return ioError('archive-gone', 'The drive that the archive is on is gone.', {
    hint: 'Connect it again, and start again.',
    place: { path: printable(folder) },
    cause,
  });
}
