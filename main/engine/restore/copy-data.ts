import type { DendroError } from '../../../shared/errors.ts';
import type { InodeWriter } from '../sink/inode-writer.ts';
import { INODE_FLAG } from '../format/constants.ts';
import { readPastDamage } from '../rescue/read-past-damage.ts';
import { readStored, type FileChunk, type Inode, type Subvolume } from '../tree/index.ts';
import type { DamageList } from './damage-list.ts';
import { isDamage } from '../volume/index.ts';
import type { ReflinkSource } from './reflink-source.ts';
import { keepIfPossible } from './write-properties.ts';
import { sourceGone } from './source-gone.ts';
import type { Note } from '../../../shared/said.ts';

/** Set before the first byte: they cannot be changed on a file that has data. */
const FLAGS_BEFORE_DATA = INODE_FLAG.nodatacow | INODE_FLAG.nodatasum;

export interface DataJob {
  readonly subvolume: Subvolume;
  readonly inode: Inode;
  /** In the subvolume, and below the writer's root. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Bytes that an earlier run has written already. */
  readonly done: number;
}

export interface DataHooks {
  readonly reflink: ReflinkSource | undefined;
  readonly damages: DamageList;
  /** Bytes more, and whether they are shared with the snapshot and not written. */
  readonly onBytes: (bytes: number, isShared: boolean) => void;
}

/**
 * Fills a new file: by sharing the extents of the snapshot where that is possible, else byte by
 * byte with its holes. Blocks that are damaged in every copy become zeros and are listed.
 *
 * @throws Io 'source-gone', and whatever the target says
 */
export function copyData(job: DataJob, writer: InodeWriter, hooks: DataHooks): void {
  const { subvolume, inode, from, to } = job;
  if (inode.size === 0) return;
  const before = inode.flags & FLAGS_BEFORE_DATA;
  // What a filesystem without such flags says to it is said once more with all the properties.
  if (before !== 0 && job.done === 0)
    keepIfPossible(
      () => {},
      () => writer.fileattr(to, before),
    );
  const { reflink } = hooks;
  if (reflink !== undefined && job.done === 0) {
    const share = (fd: number): boolean => reflink.tryClone(subvolume, from, inode.number, fd);
    if (writer.withFile(to, share)) {
      writer.truncate(to, inode.size);
      return hooks.onBytes(inode.size, true);
    }
  }
  const { failure, reached, end } = stream(job, writer, hooks);
  if (failure !== undefined) {
    streamPastDamage(job, writer, hooks, failure);
    hooks.onBytes(inode.size - reached, false);
  }
  if (end !== inode.size) writer.truncate(to, inode.size);
}

/**
 * @returns what the source failed with; the target's errors are thrown. `reached`: how far it has been
 *   told; `end`: where a file that was written from its start ends.
 */
function stream(
  job: DataJob,
  writer: InodeWriter,
  { onBytes }: DataHooks,
): { failure?: unknown; reached: number; end?: number } {
  const { subvolume, inode, to } = job;
  const chunks = readStored(subvolume, inode.number, job.done);
  let reached = 0;
  let end = 0;
  const reach = (end: number): void => {
    onBytes(end - reached, false);
    reached = end;
  };
  reach(job.done);
  try {
    for (;;) {
      let next: IteratorResult<FileChunk, void>;
      try {
        next = chunks.next();
      } catch (error) {
        if (isDamage(error)) return { failure: error, reached };
        throw error;
      }
      if (next.done === true) {
        reach(inode.size);
        return job.done === 0 ? { reached, end } : { reached };
      }
      const { offset, data } = next.value;
      writer.write(to, offset, data);
      end = offset + data.length;
      reach(end);
    }
  } finally {
    chunks.return();
  }
}

/** Once more from the start, piece by piece: what was written before is the same bytes again. */
function streamPastDamage(
  job: DataJob,
  writer: InodeWriter,
  { damages }: DataHooks,
  failure: unknown,
): void {
  throwIfGone(job.subvolume, failure);
  damages.patching(job.from);
  for (const { offset, data } of dataPastDamage(job, damages)) writer.write(job.to, offset, data);
}

/** All that can be read of it; what cannot is listed at the end. @throws Io 'source-gone' */
export function* dataPastDamage(
  { subvolume, inode, from }: DataJob,
  damages: DamageList,
): Generator<{ readonly offset: number; readonly data: Uint8Array }> {
  const lost: [number, number, Note][] = [];
  yield* readPastDamage(subvolume, inode, (...range) => lost.push(range));
  // A drive that goes in the middle looks like damage to the very end.
  if (lost.length > 0) throwIfGone(subvolume, lost[0]![2]);
  for (const [offset, length, reason] of lost) damages.range(from, offset, length, reason);
}

export function throwIfGone({ volume }: Subvolume, cause: unknown): void {
  const gone: DendroError | undefined = sourceGone(volume, cause);
  if (gone !== undefined) throw gone;
}
