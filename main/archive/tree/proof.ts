import { createHash, hash, type Hash } from 'node:crypto';
import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { shown } from './tree.ts';

interface Stretch {
  readonly offset: number;
  readonly data: Uint8Array;
}

export interface Recorded {
  /** Of the file, a character a byte. */
  readonly path: string;
  readonly size: number;
  readonly sha256: Buffer;
}

/**
 * Passes the stretches of a whole file on and compares them, and the zeros between, with its
 * recorded hash. Frames carry checksums of their own, but those of a file that was put in the
 * place of another one are right, too.
 * @throws Corrupt 'content-hash' behind the last stretch
 */
export function* proven<T extends Stretch>(
  stretches: Iterable<T>,
  { path, size, sha256 }: Recorded,
): Generator<T> {
  // Of a file in one piece at once: an object for each of a million files waits to be collected.
  let whole: Buffer | undefined;
  let running: Hash | undefined;
  let at = 0;
  for (const stretch of stretches) {
    const { offset, data } = stretch;
    if (at === 0 && offset === 0 && data.length === size) whole = hash('sha256', data, 'buffer');
    else {
      running ??= createHash('sha256');
      addZeros(running, offset - at);
      running.update(data);
    }
    at = offset + data.length;
    yield stretch;
  }
  if (whole === undefined || running !== undefined) {
    running ??= createHash('sha256');
    addZeros(running, size - at);
    whole = running.digest();
  }
  if (!whole.equals(sha256)) throw notRecorded(path);
}

export const ZEROS: Uint8Array = new Uint8Array(1 << 20);

function addZeros(hash: Hash, length: number): void {
  for (let left = length; left > 0; left -= ZEROS.length) {
    hash.update(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
  }
}

function notRecorded(path: string): DendroError {
  return corrupt(
    'content-hash',
    say`"${{ path: shown(path) }}" would not be what was backed up: its hash differs.`,
    {
      hint: 'A stream file was put in the place of another one, or changed. See which: dendro archive verify --full',
      place: { path: shown(path) },
    },
  );
}
