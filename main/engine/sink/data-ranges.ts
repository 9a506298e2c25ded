import { SEEK_DATA, SEEK_HOLE, statFd } from '../../linux/files.ts';
import { checked, ERRNO } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';

/** A range of an open file, in bytes. */
export interface Range {
  readonly at: number;
  readonly length: number;
}

const CHUNK = 64 * 1024;
const zeros = Buffer.alloc(CHUNK);

/**
 * The ranges of an open file that hold data, between `at` and `end`. Where a file has holes that
 * its filesystem does not tell (ntfs-3g has no SEEK_HOLE), chunks of nothing but zeros pass for them:
 * a file of some TiB that is nearly all hole would else be written out in full.
 */
export function* dataRanges(fd: number, at: number, end: number): Generator<Range> {
  const areHolesTold = tellsHoles(fd);
  for (let from = at; from < end;) {
    const start = libc().lseek(fd, from, SEEK_DATA);
    if (start < 0 && lastErrno() !== ERRNO.ENXIO) return yield* withoutZeros(fd, from, end);
    if (start < 0 || start >= end) return;
    const hole = libc().lseek(fd, start, SEEK_HOLE);
    const to = Math.min(end, hole > start ? hole : end);
    if (areHolesTold) yield { at: start, length: to - start };
    else yield* withoutZeros(fd, start, to);
    from = to;
  }
}

/** False where a file takes less room than its size and is said to be one piece of data. */
function tellsHoles(fd: number): boolean {
  const { size, blocks } = statFd(fd);
  return size - blocks * 512 < CHUNK || libc().lseek(fd, 0, SEEK_HOLE) < size;
}

function* withoutZeros(fd: number, at: number, end: number): Generator<Range> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let start = -1;
  let from = at;
  while (from < end) {
    const want = Math.min(CHUNK, end - from);
    const count = checked(libc().pread(fd, chunk, want, from), 'read');
    if (count === 0) break;
    const isHole = chunk.compare(zeros, 0, count, 0, count) === 0;
    if (isHole && start >= 0) yield { at: start, length: from - start };
    if (isHole) start = -1;
    else if (start < 0) start = from;
    from += count;
  }
  if (start >= 0) yield { at: start, length: from - start };
}
