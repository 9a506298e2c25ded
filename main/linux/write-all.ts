import { writeSync } from 'node:fs';
import { ioError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { POLL_OUT, waitFor } from './pipes.ts';

const PATIENCE_MS = 1_000;

/**
 * Writes every byte to an open file, pipe or terminal, and waits where the other end is slow.
 *
 * @throws Io 'output-closed', 'output-full', 'output-failed'
 */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The pipe was set not to block by whoever holds its other end.
      if (code === 'EAGAIN') waitFor([{ fd, events: POLL_OUT }], PATIENCE_MS);
      else throw outputFailed(code, error);
    }
  }
}

function outputFailed(code: string | undefined, cause: unknown): Error {
  if (code === 'EPIPE') {
    return ioError('output-closed', 'The program that reads the output has ended.', {
      hint: 'See what it says; then run both again.',
      cause,
    });
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return ioError('output-full', 'There is no room left where the output goes.', {
      hint: 'Free some space there, or write it somewhere else.',
      cause,
    });
  }
  return ioError(
    'output-failed',
    say`The output could not be written: ${{ code: code ?? 'failed' }}.`,
    {
      hint: 'Check the drive or pipe that it goes to.',
      cause,
    },
  );
}
