import { DendroError, ioError, type ErrorPlace } from '../../../shared/errors.ts';
import type { Volume } from '../volume/index.ts';
import { readSuperblockAt } from '../volume/superblock.ts';

/** What reading a superblock ends with when there is nothing to read from. */
const GONE = ['device-read-failed', 'device-too-short'];

/**
 * Tells a drive that was pulled from one with bad blocks: of the first, not even the superblock
 * can be read any more. @returns the error to end with, undefined when the drive is there.
 */
export function sourceGone(volume: Volume, cause: unknown): DendroError | undefined {
  for (const { device } of volume.members.all) {
    try {
      readSuperblockAt(device, 0);
    } catch (error) {
      if (error instanceof DendroError && GONE.includes(error.code))
        return goneError({ device: device.name }, cause);
    }
  }
  return undefined;
}

/** The error that waits for the drive, in the service and for who starts the restore again. */
export function goneError(place: ErrorPlace, cause: unknown): DendroError {
  return ioError('source-gone', 'The drive that is restored from is gone.', {
    hint: 'Connect it again and start the same restore again: it goes on where it stopped.',
    place,
    cause,
  });
}
