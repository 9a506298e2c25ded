import { DendroError } from '../../shared/errors.ts';
import { bytesFromText } from '../../shared/model/bytes-text.ts';
import { commitTrees } from '../linux/btrfs-ioctl.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
  syncFilesystem,
} from '../linux/files.ts';
import { ERRNO, isErrno } from '../linux/libc-error.ts';
import { mountedFilesystem, withDirectory } from '../linux/mounts.ts';
import type { CancelToken } from './cancel.ts';
import { noteDamage, noteWaitingLog } from './damage-log.ts';
import {
  identityOfDevice,
  isAnotherThere,
  listBlockDevices,
  listSiblingImages,
} from './device/index.ts';
import { withOwner } from './inspect/index.ts';
import { openVolume, type Damage, type Volume, type VolumeOptions } from './volume/index.ts';
import { pause } from './volume/staleness.ts';

/** Names a filesystem to the engine. */
export interface VolumeInput {
  /**
   * Block devices or image files; other members are found among the block devices and the
   * files beside the images.
   */
  readonly devices: readonly string[];
  /** A directory on it when it is mounted, as text that keeps its bytes. */
  readonly mountPath: string | null;
  /** What is done before each read of a mounted one; all when left out. */
  readonly sync?: Sync;
}

/**
 * - all: dirty files are written out too; for reading what is not a read-only snapshot.
 * - commit: the running transaction is committed. Enough for snapshots: their data was written
 *   out when they were made, and a deduplication into one writes before it changes the tree.
 * - none: for a first look; a drive that sleeps is not woken.
 */
export type Sync = 'all' | 'commit' | 'none';

interface Kept {
  readonly volume: Volume;
  /** What the names of its devices stood for when it was opened. */
  readonly identities: readonly (string | undefined)[];
  cancel: CancelToken | undefined;
  readonly damages: Damage[];
}

/** More than this is reported as a count only. */
const DAMAGES_KEPT = 1_000;
const kept = new Map<string, Kept>();

/**
 * The open volume, at its newest generation. It stays open for the next verb of this thread,
 * with its cache of tree blocks; `closeVolumes` ends that.
 */
export function volumeFor(input: VolumeInput, cancel?: CancelToken): Volume {
  if (input.mountPath !== null) syncMounted(input.mountPath, input.sync ?? 'all');
  const known = refreshed(input, cancel) ?? opened(input);
  known.cancel = cancel;
  if (input.mountPath === null && known.volume.superblock.logRoot !== 0) {
    noteWaitingLog(input.devices[0]!);
  }
  return known.volume;
}

/** What was bad on this volume since it was opened, and what was done about it. */
export function damagesOf(input: VolumeInput): readonly Damage[] {
  return kept.get(JSON.stringify(input.devices))?.damages ?? [];
}

/** Lets go of a volume whose drive has gone, so that it is opened anew when it is back. */
export function forgetVolume(input: VolumeInput): void {
  const key = JSON.stringify(input.devices);
  kept.get(key)?.volume.close();
  kept.delete(key);
}

export function closeVolumes(): void {
  for (const { volume } of kept.values()) volume.close();
  kept.clear();
}

/**
 * What is open under these names, at its newest generation. Undefined, and closed, when another
 * drive or image came under one of them, or another filesystem was made on it.
 */
function refreshed(input: VolumeInput, cancel?: CancelToken): Kept | undefined {
  const known = kept.get(JSON.stringify(input.devices));
  if (known === undefined) return undefined;
  known.cancel = cancel;
  try {
    if (!isAnotherThere(input.devices, known.identities)) {
      known.volume.refresh();
      return known;
    }
  } catch (error) {
    if (!(error instanceof DendroError && error.code === 'device-left')) throw error;
  }
  forgetVolume(input);
  return undefined;
}

function opened(input: VolumeInput): Kept {
  const key = JSON.stringify(input.devices);
  const identities = input.devices.map(identityOfDevice);
  const damages: Damage[] = [];
  const entry: { cancel: CancelToken | undefined } = { cancel: undefined };
  const volume = openNamed(input, {
    candidates: () => [...listBlockDevices(), ...listSiblingImages(input.devices)],
    cancel: { check: () => entry.cancel?.check() },
    onDamage: (damage) => {
      if (damages.length >= DAMAGES_KEPT) return;
      const owned = withOwner(damage, kept.get(key)?.volume);
      damages.push(owned);
      noteDamage(owned);
    },
  });
  const result = Object.assign(entry, { volume, damages, identities });
  kept.set(key, result);
  return result;
}

/** A device that has left, or is about to: its place is taken, and it may hold something else. */
const LEFT = new Set(['not-btrfs', 'different-filesystems', 'duplicate-device']);
const MAX_TRIES = 8;

/** While one device of a mounted filesystem is replaced or removed, its devices are asked for again. */
function openNamed({ devices, mountPath }: VolumeInput, options: VolumeOptions): Volume {
  for (let tries = 1; ; tries++) {
    try {
      return openVolume(tries === 1 ? devices : devicesAt(mountPath!), options);
    } catch (error) {
      const hasLeft = error instanceof DendroError && LEFT.has(error.code);
      if (!hasLeft || mountPath === null || tries === MAX_TRIES) throw error;
      pause(tries);
    }
  }
}

function devicesAt(mountPath: string): readonly string[] {
  const { devices } = withDirectory(bytesFromText(mountPath), mountedFilesystem);
  return devices.flatMap(({ path }) => (path === null ? [] : [path]));
}

/**
 * So that the device holds what the mount shows. A filesystem that the kernel made read-only after
 * an error commits nothing any more: then what it committed last is all that there is.
 */
function syncMounted(mountPath: string, sync: Sync): void {
  if (sync === 'none') return;
  const fd = openPath(cString(bytesFromText(mountPath)), O_RDONLY | O_DIRECTORY);
  try {
    if (sync === 'all') syncFilesystem(fd);
    commitTrees(fd);
  } catch (error) {
    if (!isErrno(error, ERRNO.EROFS, ERRNO.EIO) || !filesystemOf(fd).isReadOnly) throw error;
  } finally {
    closeFd(fd);
  }
}
