import { conflict, DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { subvolumeInfo } from '../../linux/btrfs-ioctl.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  MAGIC,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
} from '../../linux/files.ts';
import { isMountOf, type Volume } from '../volume/index.ts';
import type { Placement } from './placements.ts';
import { parentPath, statusOf } from './destination.ts';

/**
 * A restore out of a subvolume onto the very files that it reads, or into a folder that is
 * itself restored, would destroy its own source or never end.
 *
 * @throws Conflict 'onto-itself'
 */
export function refuseOntoItself(
  volume: Volume,
  root: number,
  placements: readonly Placement[],
): void {
  if (!isMountOf(volume, root)) return;
  for (const placement of placements) {
    const { found, item } = placement;
    const { id, info } = found.subvolume;
    for (const [subvolumeId, inode] of placesAbove(root, placement)) {
      if (subvolumeId !== id || (inode !== found.inode && !info.isReadOnly)) continue;
      throw conflict(
        'onto-itself',
        say`"${{ path: printable(item.from) || '/' }}" would go onto itself.`,
        {
          hint: 'Choose an older point, or another folder.',
          place: { path: printable(textFromBytes(placement.to)) },
        },
      );
    }
  }
}

/** Subvolume and inode of what stands at the destination, and of each folder that it is in. */
function* placesAbove(root: number, { item, to }: Placement): Generator<[number, number]> {
  const wanted = bytesFromText(item.to);
  const there = statusOf(root, wanted);
  if (there !== undefined) yield [subvolumeAt(root, parentPath(wanted)), there.inode];
  let path = parentPath(to);
  for (;;) {
    const status = statusOf(root, path);
    if (status !== undefined) yield [subvolumeAt(root, path), status.inode];
    if (path.length === 0) break;
    path = parentPath(path);
  }
  yield* above(root);
}

/** The folders above the one that is restored into, up to the top of the filesystem. */
function* above(root: number): Generator<[number, number]> {
  let path = '..';
  let last = '';
  for (let depth = 0; depth < 1_000; depth += 1, path += '/..') {
    const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY, 0, root);
    try {
      if (filesystemOf(fd).magic !== MAGIC.btrfs) return;
      const place: [number, number] = [
        subvolumeInfo(fd).id,
        statusOf(fd, new Uint8Array(0))!.inode,
      ];
      if (place.join() === last) return;
      last = place.join();
      yield place;
    } finally {
      closeFd(fd);
    }
  }
}

function subvolumeAt(root: number, path: Uint8Array): number {
  const fd = openPath(cString(path.length === 0 ? '.' : path), O_RDONLY | O_DIRECTORY, 0, root);
  try {
    return subvolumeInfo(fd).id;
  } catch (error) {
    if (error instanceof DendroError) return 0; // another filesystem, mounted below
    throw error;
  } finally {
    closeFd(fd);
  }
}
