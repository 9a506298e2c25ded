import { chmodSync, rmdirSync, statSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import {
  commitTrees,
  createSnapshot as create,
  createSubvolume,
  deleteSubvolume,
  deleteSubvolumeById,
  subvolumeInfo,
} from '../../linux/btrfs-ioctl.ts';
import { rootFacts } from '../../linux/btrfs-ioctl-search.ts';
import {
  closeFd,
  cString,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openPath,
  syncFilesystem,
} from '../../linux/files.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import type { VerbContext } from '../context.ts';
import { isStub } from '../restore/walk-down.ts';
import { uuidText } from './uuid-text.ts';

export interface CreateInput {
  /** Absolute path of the subvolume's top directory. */
  readonly sourcePath: string;
  /** Of the subvolume that is meant; left out: whichever stands there. */
  readonly sourceUuid?: string | null;
  /** Where the snapshot goes; made, as a subvolume of its own, when it is not there. */
  readonly folder: string;
  readonly name: string;
}

/**
 * Makes a read-only snapshot. When the name is taken it gets the next free number behind it.
 * The folder is a subvolume, so that it is not part of later snapshots, and for root only, since
 * snapshots keep old files with the permissions of their time.
 *
 * @throws Conflict 'mounted-over', 'swap-in-use'; Io 'target-full', 'read-only'
 */
export function createSnapshot({ sourcePath, sourceUuid, folder, name }: CreateInput): {
  readonly subvolumeId: number;
  readonly path: string;
} {
  return withDirectory(sourcePath, (source) => {
    if (sourceUuid !== undefined && sourceUuid !== uuidText(subvolumeInfo(source).uuid))
      throw mountedOver(sourcePath);
    // What programs have written and the kernel not yet placed is part of the snapshot.
    syncFilesystem(source);
    return withDirectory(ensureFolder(folder), (parent) => {
      const made = createUnderFreeName(parent, source, name);
      const path = `${folder}/${made}`;
      return withDirectory(path, (fd) => ({ subvolumeId: subvolumeInfo(fd).id, path }));
    });
  });
}

function mountedOver(path: string): Error {
  return conflict(
    'mounted-over',
    say`Something else is mounted over "${{ path: printable(path) }}".`,
    {
      hint: 'Unmount that, or mount the subvolume itself at another place, too.',
      place: { path: printable(path) },
    },
  );
}

/** Deletes the snapshot at an absolute path, unless another one stands there meanwhile. */
export function deleteSnapshot({ path, uuid }: { path: string; uuid: string | null }): void {
  const slash = path.lastIndexOf('/');
  const found = withDirectory(path, (fd) => uuidText(subvolumeInfo(fd).uuid));
  if (found !== uuid) throw replaced(path);
  withDirectory(path.slice(0, slash) || '/', (parent) =>
    deleteSubvolume(parent, bytesFromText(path.slice(slash + 1))),
  );
}

export interface UnseenSnapshot {
  /** Absolute path of any folder on a mount of its filesystem that can be written to. */
  readonly mountPath: string;
  readonly subvolumeId: number;
  readonly uuid: string | null;
  /** From the top level, for people. */
  readonly path: string;
}

/** Deletes a snapshot that no mount shows: a rollback has put aside what it was nested in. */
export function deleteUnseen({ mountPath, subvolumeId, uuid, path }: UnseenSnapshot): void {
  withDirectory(mountPath, (fd) => {
    const found = rootFacts(fd, subvolumeId);
    if (found === undefined || uuidText(found.uuid) !== uuid) throw replaced(path);
    deleteSubvolumeById(fd, subvolumeId);
  });
}

function replaced(path: string): Error {
  return conflict(
    'snapshot-replaced',
    say`Another snapshot stands at "${{ path: printable(path) }}" now.`,
    {
      hint: 'List the snapshots again.',
    },
  );
}

/** How long the kernel may take to free what was deleted; it goes on by itself. */
const FREED_WITHIN_MS = 600_000;
const LOOKED_AT_MS = 250;

/**
 * Waits until the kernel has given back the room of subvolumes that were deleted.
 * @param path any folder of the filesystem.
 */
export function waitUntilFreed(
  { path, subvolumeIds }: { readonly path: string; readonly subvolumeIds: readonly number[] },
  { cancel }: VerbContext,
): void {
  withDirectory(path, (fd) => {
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    for (let waitedMs = 0; waitedMs < FREED_WITHIN_MS; waitedMs += LOOKED_AT_MS) {
      cancel.check();
      // The kernel begins to free behind a commit, and has freed for others behind the next.
      commitTrees(fd);
      if (subvolumeIds.every((id) => rootFacts(fd, id) === undefined)) return;
      Atomics.wait(sleeper, 0, 0, LOOKED_AT_MS);
    }
  });
}

function createUnderFreeName(parent: number, source: number, name: string): string {
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${name}-${number}`;
    try {
      create(parent, bytesFromText(tried), source, true);
      return tried;
    } catch (error) {
      if (!isErrno(error, ERRNO.EEXIST)) throw error;
    }
  }
}

function ensureFolder(folder: string): string {
  const at = Buffer.from(bytesFromText(folder));
  const status = statSync(at, { bigint: true, throwIfNoEntry: false });
  if (status !== undefined && !isStub(status)) return folder;
  // After a rollback by other means the folder itself is in what was put aside.
  if (status !== undefined) rmdirSync(at);
  const slash = folder.lastIndexOf('/');
  try {
    withDirectory(folder.slice(0, slash) || '/', (parent) =>
      createSubvolume(parent, bytesFromText(folder.slice(slash + 1))),
    );
    chmodSync(at, 0o700);
  } catch (error) {
    if (!isErrno(error, ERRNO.EEXIST)) throw error; // another process was quicker
  }
  return folder;
}

function withDirectory<T>(path: string, use: (fd: number) => T): T {
  const fd = openPath(cString(bytesFromText(path)), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    return use(fd);
  } finally {
    closeFd(fd);
  }
}
