import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../linux/files.ts';
import type { Holder } from '../../linux/open-files.ts';
import type { VerbContext } from '../context.ts';
import type { DamagedPart } from '../restore/damage-list.ts';
import { absolute, prepare, type Prepared, type RestoreInput } from '../restore/prepare.ts';
import { ReflinkSource } from '../restore/reflink-source.ts';
import { RestoreJob } from '../restore/restore-job.ts';
import { requireRoom } from '../restore/room.ts';
import type { Loss } from '../sink/loss-report.ts';
import type { Volume } from '../volume/index.ts';

export type { RestoreInput } from '../restore/prepare.ts';

export interface RestorePlan {
  readonly items: readonly {
    readonly from: string;
    /** Absolute. */
    readonly to: string;
    /** Something of the wanted name stays where it is, and the restored one is called `to`. */
    readonly keepsExisting: boolean;
    /** Absolute: what stands at `to` is renamed to this first. */
    readonly aside: string | null;
  }[];
  /** All but folders, by each name. */
  readonly files: number;
  readonly bytes: number;
  /** What has to be written; the room is known before the start. */
  readonly neededBytes: number;
  readonly freeBytes: number;
  readonly fits: boolean;
  /** The data is shared with the snapshot: at once, and without taking room. */
  readonly sharesExtents: boolean;
  /** Names left alone because something stands there. */
  readonly skipped: number;
  /** Programs that have open what is replaced: they go on with what they have open. */
  readonly holders: readonly Holder[];
}

export interface RestoredThing {
  /** Absolute. */
  readonly path: string;
  readonly fingerprint: string;
  /** Where what stood there is now. */
  readonly kept: string | null;
}

export interface RestoreSummary {
  /** All but folders, by each name. */
  readonly files: number;
  readonly bytes: number;
  /** Of `bytes`: shared with the snapshot, not written. */
  readonly sharedBytes: number;
  readonly items: readonly RestoredThing[];
  /** Folders that were missing above what was restored. */
  readonly madeFolders: readonly string[];
  readonly skipped: number;
  readonly losses: readonly Loss[];
  readonly lossCount: number;
  /** Of these: files that the target could not take at all. */
  readonly filesLeftOut: number;
  readonly damages: readonly DamagedPart[];
  readonly damageCount: number;
}

/** What a restore would do: names and exact counts, nothing written. */
export function planRestore(input: RestoreInput, context: VerbContext): RestorePlan {
  return withTarget(input, (root, reflinkOf) => {
    const prepared = prepare(input, root, reflinkOf, context);
    return planOf(input, prepared, reflinkOf(prepared.volume) !== undefined);
  });
}

/**
 * Copies files and folders out of a snapshot, mounted or not, into a folder on any filesystem.
 * Nothing that exists is lost: what is in the way keeps its name or is renamed. All is made in
 * a hidden folder first and then put in place by renames; the same restore, started again after
 * a kill or a drive that was pulled, goes on where it stopped. Ends with everything on the disk.
 *
 * @throws Io 'target-full', 'read-only', 'source-gone'; Conflict 'onto-itself'; Cancelled
 */
export function restore(input: RestoreInput, context: VerbContext): RestoreSummary {
  return withTarget(input, (root, reflinkOf) => {
    const prepareAll = (): Prepared => {
      const prepared = prepare(input, root, reflinkOf, context);
      requireRoom(root, input.folder, prepared.room);
      return prepared;
    };
    // What is refused leaves nothing, not even a hidden folder.
    const first = RestoreJob.hasLeftover(input, root, context) ? undefined : prepareAll();
    const job = new RestoreJob(input, root, context);
    const prepared = job.isResuming ? undefined : (first ?? job.guarded(prepareAll));
    return job.run(prepared, reflinkOf);
  });
}

function planOf(
  { folder }: RestoreInput,
  { placing, count, room, holders }: Prepared,
  sharesExtents: boolean,
): RestorePlan {
  return {
    items: placing.placements.map(({ item, wanted, to, aside }) => ({
      from: item.from,
      to: absolute(folder, to),
      keepsExisting: aside === null && Buffer.compare(to, wanted) !== 0,
      aside: aside === null ? null : absolute(folder, aside),
    })),
    files: count.files,
    bytes: count.bytes,
    ...room,
    sharesExtents,
    skipped: placing.skipped,
    holders,
  };
}

/** Opens the folder, and at most once the way to share extents with the volume's snapshots. */
function withTarget<T>(
  { folder, share }: RestoreInput,
  use: (root: number, reflinkOf: (volume: Volume) => ReflinkSource | undefined) => T,
): T {
  const root = openPath(cString(bytesFromText(folder)), O_RDONLY | O_DIRECTORY);
  let opened: { reflink: ReflinkSource | undefined } | undefined;
  try {
    return use(root, (volume) => {
      opened ??= { reflink: share === false ? undefined : ReflinkSource.open(volume, root) };
      return opened.reflink;
    });
  } finally {
    opened?.reflink?.close();
    closeFd(root);
  }
}
