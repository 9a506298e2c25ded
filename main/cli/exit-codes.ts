import type { ErrorKind } from '../../shared/errors.ts';

/**
 * Exit codes, for scripts; `dendro --help` prints this table. `send` and `receive` have those
 * of btrfs-progs instead: 0 and 1.
 */
export const EXIT = {
  ok: 0,
  /** The answer is no: the snapshots differ, nothing was found, damage was found. */
  no: 1,
  usage: 2,
  denied: 3,
  corrupt: 4,
  unsupported: 5,
  conflict: 6,
  io: 7,
  bug: 70,
  cancelled: 130,
  /** Whoever read the output went away: 128 + SIGPIPE, as a shell reports it. */
  readerGone: 141,
} as const;

export const EXIT_TABLE: readonly (readonly [number, string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.no, 'done, and the answer is no: differences, nothing found, or damage found'],
  [EXIT.usage, 'the command line is wrong'],
  [EXIT.denied, 'a permission is missing'],
  [EXIT.corrupt, 'what was read is damaged'],
  [EXIT.unsupported, 'the filesystem or the stream has a feature that Dendro does not know'],
  [EXIT.conflict, 'the request does not fit what is there: not found, exists, no parent'],
  [EXIT.io, 'a device, file or pipe failed, or is full'],
  [EXIT.bug, 'a defect in Dendro'],
  [EXIT.cancelled, 'cancelled'],
  [EXIT.readerGone, 'whoever read the output has ended, as head(1) does'],
];

const BY_KIND: Record<ErrorKind, number> = {
  Corrupt: EXIT.corrupt,
  Unsupported: EXIT.unsupported,
  Denied: EXIT.denied,
  Conflict: EXIT.conflict,
  Io: EXIT.io,
  Usage: EXIT.usage,
  Cancelled: EXIT.cancelled,
  Bug: EXIT.bug,
};

export function exitCodeOf(kind: ErrorKind): number {
  return BY_KIND[kind];
}
